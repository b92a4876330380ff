using Orleans.Concurrency;
using Orleans.Runtime.Placement;

namespace Air.Orleans.Core.Tests.Resources;

[GenerateSerializer, Immutable, Alias("tests.Standing")]
internal sealed record Standing(
    [property: Id(0)] SiloAddress Silo,
    [property: Id(1)] int[] Devices,
    [property: Id(2)] bool IsLeased
);

[Alias("tests.IPlacedGrain")]
internal interface IPlacedGrain : IGrainWithStringKey
{
    [Alias("Where")]
    Task<Standing> WhereAsync();

    [Alias("WhereIs")]
    Task<Standing> WhereIsAsync(string other);

    [Alias("End")]
    Task EndAsync();

    [Alias("MoveTo")]
    Task MoveToAsync(SiloAddress silo);

    [Alias("Revoked")]
    Task<bool> WaitUntilRevokedAsync();
}

/// <summary>Needs half a GPU of its own where it is not called under a lease.</summary>
[GrainType("tests.placed"), GpuPlacement(Gpu = 0.5), Reentrant]
internal sealed class PlacedGrain(IGrainLease lease, ILocalSiloDetails silo) : Grain, IPlacedGrain
{
    public Task<Standing> WhereAsync() =>
        Task.FromResult(new Standing(silo.SiloAddress, [.. lease.Devices], lease.IsLeased));

    public Task<Standing> WhereIsAsync(string other) => GrainFactory.GetGrain<IPlacedGrain>(other).WhereAsync();

    public Task EndAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task MoveToAsync(SiloAddress target)
    {
        RequestContext.Set(IPlacementDirector.PlacementHintKey, target);
        this.MigrateOnIdle();
        return Task.CompletedTask;
    }

    public async Task<bool> WaitUntilRevokedAsync()
    {
        var revoked = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = lease.Revoked.Register(() => revoked.SetResult(true));
        return await revoked.Task;
    }
}
