using Air.Orleans.Core.Resources;
using Air.Orleans.Core.Resources.Control;

namespace Air.Orleans.Core.Placement;

/// <inheritdoc cref="IGrainLease"/>
internal sealed class GrainLease : IGrainLease
{
    private volatile BoardEntry? _entry;

    public bool IsLeased => _entry is not null;

    public ResourceSet Resources =>
        _entry is { Booking: var booking } ? booking.Request.Bundles[booking.Bundle].Resources : new ResourceSet();

    public IReadOnlyList<int> Devices => _entry is { Booking: var booking } ? booking.Devices : [];

    public CancellationToken Revoked => _entry?.Ended.Token ?? CancellationToken.None;

    public static GrainLease Of(IGrainContext context)
    {
        if (context.GetComponent<GrainLease>() is not { } lease)
        {
            lease = new GrainLease();
            context.SetComponent(lease);
        }

        return lease;
    }

    /// <summary>Finds the lease under which this activation was placed; where that ended meanwhile, asks for another on this silo.</summary>
    public async Task BeginAsync(
        IGrainContext context,
        GpuPlacement strategy,
        LeaseBoard board,
        LeaseKeeper keeper,
        SiloAddress silo
    )
    {
        if (LeasePlace.OfCall(RequestContext.Get(LeasePlace.ContextKey)) is { } place && place.Silo.Equals(silo))
        {
            _entry =
                board.Claim(place.Group, place.Bundle, context)
                ?? throw new ResourceException(
                    $"Grain {context.GrainId} cannot work under group '{place.Group}': it was released. Ask anew."
                );
            return;
        }

        if (strategy.RequestOf(context.GrainId, silo) is not { } request)
        {
            return;
        }

        _entry =
            board.Claim(request.Id, 0, context)
            ?? board.Claim(GpuPlacement.LeaseId(context.GrainId, null), 0, context)
            ?? (await keeper.AskAsync(request) is LeaseGranted ? board.Claim(request.Id, 0, context) : null)
            ?? throw new ResourceException(
                $"The lease of grain {context.GrainId} on silo {silo} has ended before it came, and there is no other. Call it again."
            );
    }

    /// <summary>Gives back the grain's own lease; one of a group is the group's.</summary>
    public async Task EndAsync(IGrainContext context, LeaseBoard board, LeaseKeeper keeper)
    {
        if (_entry is { } entry && board.Leave(entry, context) && entry.Booking.Request.HeldBySilo && !board.IsClosing)
        {
            await keeper.ReleaseAsync(entry.Booking.Request.Id, entry.Booking.Stamp, null);
        }
    }
}
