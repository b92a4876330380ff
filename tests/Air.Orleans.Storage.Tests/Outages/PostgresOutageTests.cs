using Air.Orleans.Clustering;
using Air.Orleans.Core.Storage;
using Air.Orleans.Testing.Storage;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Storage.Tests.Outages;

[Requires(ServerKind.PostgreSql)]
public sealed class PostgresOutageTests : StorageOutageTests<PostgresServer>
{
    private protected override async Task<GrainStorageHost> OpenAsync(
        PostgresServer server,
        Func<StorageBorder, StorageBorder> configure,
        ILoggerProvider? logs
    )
    {
        var uri = ClusterUri.Parse($"postgresql://air@127.0.0.1:{server.Ports[0]}/air");
        await new PostgreSqlClusterProvider().InitializeAsync(uri, default);
        return await GrainStorageHost.StartAsync(services =>
        {
            Log(services, logs);
            services.AddPostgresStorage(AirOptions.StorageName, server.ConnectionString, configure);
        });
    }
}
