using Air.Orleans.Core.Silos;
using Orleans.Runtime.Placement;

namespace Air.Orleans.Core.Placement;

/// <summary>Leaves out the silos of which this one has heard that they drain.</summary>
internal sealed class OpenSiloPlacementDirector(DrainingSilos draining) : IPlacementDirector
{
    private int _turn;

    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy,
        PlacementTarget target,
        IPlacementContext context
    )
    {
        var open = draining.Without(context.GetCompatibleSilos(target));
        return Task.FromResult(
            IPlacementDirector.GetPlacementHint(target.RequestContextData, open)
                ?? open[(uint)Interlocked.Increment(ref _turn) % open.Length]
        );
    }
}
