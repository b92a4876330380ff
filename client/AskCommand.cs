using System.CommandLine;
using Air.Orleans.Core;
using Air.Orleans.Silo;

namespace Air.Orleans.CommandLine;

/// <summary>A command that asks a running cluster something and prints the answer, as a table or as one JSON object.</summary>
internal sealed class AskCommand : Command
{
    private readonly Option<string?> _cluster = new("--cluster")
    {
        Description =
            "The cluster's URI, such as file:///path or redis://host:port; else AIR_CLUSTER, else Air:Cluster in "
            + $"appsettings.json, else {SiloCommand.DefaultCluster}",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON value and nothing else" };

    private readonly Option<double> _timeout = new("--timeout")
    {
        Description = "How many seconds to try to reach the cluster",
        DefaultValueFactory = static _ => 10,
    };

    private readonly SecurityFlags _security;

    public AskCommand(string name, string description, Func<Call, CancellationToken, Task<int>>? run = null)
        : base(name, description)
    {
        Add(_cluster);
        Add(_timeout);
        Add(_json);
        _security = new SecurityFlags(this, isSilo: false);
        if (run is not null)
        {
            SetAction((parsed, cancellationToken) => RunAsync(parsed, run, cancellationToken));
        }
    }

    private Task<int> RunAsync(
        ParseResult parsed,
        Func<Call, CancellationToken, Task<int>> run,
        CancellationToken cancellationToken
    ) =>
        Border.RunAsync(async () =>
        {
            var cluster =
                ClientConfiguration.Cluster(parsed.GetValue(_cluster)) ?? ClusterUri.Parse(SiloCommand.DefaultCluster);
            var timeout = TimeSpan.FromSeconds(parsed.GetValue(_timeout));
            await using var air = await AirCluster.ConnectAsync(
                cluster,
                timeout: timeout,
                security: ClientConfiguration.Security(_security.Values(parsed)),
                cancellationToken: cancellationToken
            );
            return await run(new Call(air, parsed, parsed.GetValue(_json)), cancellationToken);
        });

    /// <summary>One call of a command: the cluster, what was typed, and how to print.</summary>
    public sealed record Call(IAirCluster Air, ParseResult Parsed, bool Json)
    {
        /// <summary>Prints the value: as JSON if that was asked for, else as <paramref name="tables"/> does.</summary>
        public int Print<T>(T value, Action<T> tables)
        {
            if (Json)
            {
                Console.Out.WriteLine(JsonText.Of(value));
            }
            else
            {
                tables(value);
            }

            return 0;
        }
    }
}
