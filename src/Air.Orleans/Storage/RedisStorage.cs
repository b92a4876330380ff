using System.Net;
using Air.Orleans.Core.Storage;
using Orleans.Persistence;
using StackExchange.Redis;

namespace Air.Orleans.Storage;

/// <summary>Grain storage in Redis: a hash per state, of its ETag and its bytes.</summary>
internal static class RedisStorage
{
    private static readonly (string Sign, StorageFault Fault)[] Faults =
    [
        ("OOM command not allowed", StorageFault.Full),
        ("MISCONF", StorageFault.Full),
        ("NOAUTH", StorageFault.Refused),
        ("WRONGPASS", StorageFault.Refused),
        ("NOPERM", StorageFault.Refused),
        ("READONLY", StorageFault.Unavailable),
        ("LOADING", StorageFault.Unavailable),
        ("CLUSTERDOWN", StorageFault.Unavailable),
        ("TRYAGAIN", StorageFault.Unavailable),
        ("MASTERDOWN", StorageFault.Unavailable),
        (nameof(RedisConnectionException), StorageFault.Unavailable),
        (nameof(RedisTimeoutException), StorageFault.Unavailable),
        (nameof(TimeoutException), StorageFault.Unavailable),
    ];

    /// <summary>Registers the storage <paramref name="name"/> in that Redis.</summary>
    public static IServiceCollection AddRedisStorage(
        this IServiceCollection services,
        string name,
        ConfigurationOptions redis,
        Func<StorageBorder, StorageBorder>? configure = null
    )
    {
        var options = redis.Clone();
        // A server that is away is waited for at the border, with the write's own limit.
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ReconnectRetryPolicy = new LinearRetry(250);
        options.AsyncTimeout = (int)TimeSpan.FromSeconds(30).TotalMilliseconds;
        services.AddRedisGrainStorage(
            GuardedStorageServices.Behind(name),
            (RedisStorageOptions storage) =>
            {
                storage.ConfigurationOptions = options;
                storage.GrainStorageSerializer = new PayloadSerializer();
                // ETags are never used twice, so nothing need stay behind to tell lives of a state apart.
                storage.DeleteStateOnClear = true;
            }
        );
        var border = new StorageBorder($"redis://{string.Join(",", options.EndPoints.Select(Text))}", FaultOf);
        return services.AddGuardedStorage(name, configure?.Invoke(border) ?? border);
    }

    /// <summary>The storage keeps of an error its text alone.</summary>
    internal static StorageFault FaultOf(Exception error) =>
        Faults.FirstOrDefault(fault => error.ToString().Contains(fault.Sign, StringComparison.Ordinal)).Fault;

    private static string Text(EndPoint endpoint) =>
        endpoint is DnsEndPoint host ? $"{host.Host}:{host.Port}" : $"{endpoint}";
}
