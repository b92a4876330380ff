using Air.Orleans.Core;

namespace Air.Orleans.Cluster.Tests.Faults;

[Requires(ServerKind.PostgreSql)]
public sealed class PostgreSqlClusterFaults(SharedServer<PostgresServer> postgres)
    : ClusterFaults,
        IClassFixture<SharedServer<PostgresServer>>,
        IAsyncLifetime
{
    protected override string Place => $"postgresql://air@127.0.0.1:{postgres.Server.Ports[0]}/air";

    public Task InitializeAsync()
    {
        var uri = ClusterUri.Parse(Place);
        return ClusterProviders.StorageOf(uri).InitializeAsync(uri, CancellationToken.None);
    }

    public Task DisposeAsync() => Task.CompletedTask;
}
