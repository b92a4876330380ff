using Air.Orleans.Clustering;
using Air.Orleans.Testing.Storage;

namespace Air.Orleans.Storage.Tests.Conformance;

[Requires(ServerKind.PostgreSql)]
public sealed class PostgresConformance(SharedServer<PostgresServer> shared)
    : GrainStorageConformance,
        IClassFixture<SharedServer<PostgresServer>>
{
    protected override async Task<GrainStorageHost> OpenAsync()
    {
        var uri = ClusterUri.Parse($"postgresql://air@127.0.0.1:{shared.Server.Ports[0]}/air");
        var provider = new PostgreSqlClusterProvider();
        await provider.InitializeAsync(uri, default);
        return await GrainStorageHost.StartAsync(services => provider.ConfigureStorage(services, uri));
    }
}
