using Orleans.Runtime.Placement;

namespace Air.Orleans.Core.Placement;

/// <summary>Reads the silo out of the grain's key.</summary>
internal sealed class OnSiloPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy,
        PlacementTarget target,
        IPlacementContext context
    )
    {
        var name = target.GrainIdentity.Key.ToString()!.Split('/')[0];
        var silo = SiloAddress.FromParsableString(name);
        return Array.IndexOf(context.GetCompatibleSilos(target), silo) >= 0
            ? Task.FromResult(silo)
            : throw new SiloGoneException($"Silo {name} is not in the cluster any more.");
    }
}
