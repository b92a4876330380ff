namespace Air.Orleans.Cluster.Tests;

/// <summary>The state of runs and the checkpoints are in Redis too.</summary>
[Collection(Name), Requires(ServerKind.Redis)]
public sealed class RedisQuickstartFaultTests(RedisQuickstartFaultTests.RedisCluster cluster)
    : QuickstartFaultTests(cluster),
        IClassFixture<RedisQuickstartFaultTests.RedisCluster>
{
    public sealed class RedisCluster : QuickstartFaultCluster
    {
        private RedisServer? _server;

        public override async Task DisposeAsync()
        {
            await base.DisposeAsync();
            if (_server is not null)
            {
                await _server.DisposeAsync();
            }
        }

        protected override async Task<string?> ClusterAsync()
        {
            if (!ServerPrograms.IsInstalled(ServerKind.Redis))
            {
                return null;
            }

            _server = await RedisServer.StartAsync();
            return $"redis://{_server.ConnectionString}";
        }
    }
}
