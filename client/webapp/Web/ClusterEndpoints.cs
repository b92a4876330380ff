using Air.Orleans.Core;

namespace Air.Orleans.WebApp.Web;

/// <summary>What the page shows of the cluster.</summary>
internal static class ClusterEndpoints
{
    public static void MapCluster(this IEndpointRouteBuilder app) =>
        app.MapGet(
            "/api/cluster",
            async (AirConnection air, CancellationToken cancellationToken) =>
            {
                var silos = await air.CallAsync((cluster, token) => cluster.Silos.ListAsync(token), cancellationToken);
                return silos.Select(static silo => new
                {
                    silo.Address,
                    silo.Host,
                    silo.ProcessId,
                    silo.StartedAt,
                    silo.MemoryBytes,
                });
            }
        );
}
