using System.CommandLine;
using Air.Orleans.Core;

namespace Air.Orleans.CommandLine;

/// <summary><c>air cluster init</c>: makes the tables that a cluster needs before its first silo.</summary>
internal static class ClusterCommand
{
    public static Command Create()
    {
        var cluster = new Option<string?>("--cluster")
        {
            Description = "The cluster's URI, such as postgresql://user@host/database; else AIR_CLUSTER",
        };
        var storage = new Option<string?>("--storage")
        {
            Description = "The storage's URI where it is not with the cluster; else AIR_STORAGE",
        };
        var init = new Command("init", "Make the tables and folders that the cluster needs; again does no harm")
        {
            cluster,
            storage,
        };
        init.SetAction(
            (parsed, cancellationToken) =>
                InitAsync(parsed.GetValue(cluster), parsed.GetValue(storage), cancellationToken)
        );
        return new Command("cluster", "What a cluster keeps on its servers") { init };
    }

    private static Task<int> InitAsync(string? cluster, string? storage, CancellationToken cancellationToken) =>
        Border.RunAsync(async () =>
        {
            var uris = new[] { ClientConfiguration.Cluster(cluster), ClientConfiguration.Storage(storage) }
                .OfType<ClusterUri>()
                .Distinct()
                .ToList();
            if (uris.Count == 0)
            {
                throw new FormatException("No cluster is named: give --cluster URI, or set AIR_CLUSTER.");
            }

            foreach (var uri in uris)
            {
                await ClusterProviders.StorageOf(uri).InitializeAsync(uri, cancellationToken);
                await Console.Out.WriteLineAsync($"{uri} is ready for silos.");
            }

            return 0;
        });
}
