using Air.Orleans.Core;
using Air.Orleans.Core.Resilience;
using Orleans.Storage;

namespace Air.Orleans.Cluster.Tests.Faults;

[Requires(ServerKind.Redis)]
public sealed class RedisClusterFaults(SharedServer<RedisServer> redis)
    : ClusterFaults,
        IClassFixture<SharedServer<RedisServer>>
{
    protected override string Place => $"redis://{redis.Server.ConnectionString}";

    /// <summary>The worst case: the silo that was stopped cannot learn that it is dead, as the membership does not answer.</summary>
    [RequiresFact]
    public async Task Silo_ContinuedWhileTheMembershipIsAway_ItsWritesAreRefusedAndItEndsItself()
    {
        await using var silos = await StartAsync(storage: $"file:{Folder}");
        var stale = silos.All[1];
        var fenced = await FencedOnAsync(silos, stale);

        await stale.FreezeAsync();
        await GrainCalls.RetryAsync(() => fenced.BeginAsync(2));
        await stale.FrozenForAsync(TimeSpan.FromSeconds(20));
        redis.Server.Pause();
        string? state;
        string? checkpoint;
        try
        {
            await stale.ThawAsync();
            state = await RefusedAsync(stale, FencedGrain.StateRefused);
            checkpoint = await RefusedAsync(stale, FencedGrain.CheckpointRefused);
        }
        finally
        {
            redis.Server.Resume();
        }

        await stale.WaitForExitAsync(Limit);
        Assert.EndsWith(nameof(InconsistentStateException), state ?? nameof(InconsistentStateException));
        Assert.EndsWith(nameof(StaleWriterException), checkpoint ?? nameof(StaleWriterException));
        await AssertFencedAsync(silos, stale);
    }

    /// <summary>What it says of a write; null where it ended itself before it came to write, as it does when another silo tells it that it is dead.</summary>
    private static async Task<string?> RefusedAsync(SiloProcess stale, string begin)
    {
        try
        {
            return await stale.LineAsync(begin, Limit);
        }
        catch (InvalidOperationException)
        {
            await stale.WaitForExitAsync(TimeSpan.FromSeconds(10));
            return null;
        }
    }
}
