using Air.Orleans.Core.Storage;
using Air.Orleans.Testing.Storage;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Air.Orleans.Storage.Tests.Outages;

[Requires(ServerKind.Redis)]
public sealed class RedisOutageTests : StorageOutageTests<RedisServer>
{
    private protected override Task<GrainStorageHost> OpenAsync(
        RedisServer server,
        Func<StorageBorder, StorageBorder> configure,
        ILoggerProvider? logs
    ) =>
        GrainStorageHost.StartAsync(services =>
        {
            Log(services, logs);
            services.AddRedisStorage(
                AirOptions.StorageName,
                ConfigurationOptions.Parse(server.ConnectionString),
                configure
            );
        });
}
