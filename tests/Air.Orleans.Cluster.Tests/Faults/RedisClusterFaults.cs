namespace Air.Orleans.Cluster.Tests.Faults;

[Requires(ServerKind.Redis)]
public sealed class RedisClusterFaults(SharedServer<RedisServer> redis)
    : ClusterFaults,
        IClassFixture<SharedServer<RedisServer>>
{
    protected override string Place => $"redis://{redis.Server.ConnectionString}";

    protected override string? Storage => $"file:{Folder}";
}
