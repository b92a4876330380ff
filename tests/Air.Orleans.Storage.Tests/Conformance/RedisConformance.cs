using Air.Orleans.Clustering;
using Air.Orleans.Testing.Storage;

namespace Air.Orleans.Storage.Tests.Conformance;

[Requires(ServerKind.Redis)]
public sealed class RedisConformance(SharedServer<RedisServer> shared)
    : GrainStorageConformance,
        IClassFixture<SharedServer<RedisServer>>
{
    protected override Task<GrainStorageHost> OpenAsync() =>
        GrainStorageHost.StartAsync(services =>
            new RedisClusterProvider().ConfigureStorage(
                services,
                ClusterUri.Parse($"redis://{shared.Server.ConnectionString}/3")
            )
        );
}
