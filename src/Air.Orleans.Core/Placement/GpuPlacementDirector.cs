using Air.Orleans.Core.Resources;
using Air.Orleans.Core.Resources.Control;
using Orleans.Runtime.Placement;

namespace Air.Orleans.Core.Placement;

/// <summary>
/// Places a grain on the silo of its bundle; or leases what its type asks for, without waiting, on the silo of a placement hint where there is
/// one. Refusals reach the caller as they are.
/// </summary>
internal sealed class GpuPlacementDirector(IServiceProvider services) : IPlacementDirector
{
    private int _turn;

    public async Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy,
        PlacementTarget target,
        IPlacementContext context
    )
    {
        var silos = context.GetCompatibleSilos(target);
        var hint = IPlacementDirector.GetPlacementHint(target.RequestContextData, silos);
        if (
            LeasePlace.OfCall(target.RequestContextData?.GetValueOrDefault(LeasePlace.ContextKey)) is { } place
            && (hint is null || hint.Equals(place.Silo))
        )
        {
            return Array.IndexOf(silos, place.Silo) >= 0
                ? place.Silo
                : throw new ResourceException(
                    $"Grain {target.GrainIdentity} cannot be placed under bundle {place.Bundle} of group '{place.Group}': silo "
                        + $"{place.Silo} is lost, or does not have the grain's class. Release the group and ask anew."
                );
        }

        var own = (GpuPlacement)strategy;
        if (own.RequestOf(target.GrainIdentity, hint) is not { } request)
        {
            return hint ?? silos[(uint)Interlocked.Increment(ref _turn) % silos.Length];
        }

        if (request.Fault() is { } fault)
        {
            throw new ResourceException(fault);
        }

        return await services.GetRequiredService<LeaseKeeper>().AskAsync(request) switch
        {
            LeaseGranted granted => granted.Bundles[0].Silo,
            LeaseRefused refused => throw new ResourceException(refused.Reason),
            LeasePending pending => throw new ResourceException($"'{request.Id}' {pending.Reason}"),
            var other => throw new InvalidOperationException($"Unknown answer {other}."),
        };
    }
}
