using Air.Orleans.Core.Resources;
using Air.Orleans.Core.Resources.Control;

namespace Air.Orleans.Core;

/// <summary>
/// A group of bundles that this process holds. It is given back by <see cref="DisposeAsync"/>, and in ten seconds where the process dies.
/// Thread-safe.
/// </summary>
public sealed class PlacementGroup : IAsyncDisposable
{
    private readonly LeaseKeeper _keeper;
    private readonly CancellationTokenSource _lost = new();
    private volatile IReadOnlyList<ReservedBundle> _bundles;

    internal PlacementGroup(LeaseKeeper keeper, PlacementRequest request, LeaseGranted granted)
    {
        _keeper = keeper;
        Request = request;
        Stamp = granted.Stamp;
        _bundles = Reserved(granted.Bundles);
        Lost = _lost.Token;
    }

    /// <summary>The group's id.</summary>
    public string Id => Request.Id;

    /// <summary>
    /// The bundles, in the order of the request. With <see cref="PlacementLoss.Replace"/> they may come to stand elsewhere; one that has no
    /// place at the moment has no silo.
    /// </summary>
    public IReadOnlyList<ReservedBundle> Bundles => _bundles;

    /// <summary>
    /// Is cancelled when bundles were lost with their silo and the request says <see cref="PlacementLoss.Report"/>, or when the whole group
    /// was taken from this process because the cluster did not hear of it.
    /// </summary>
    public CancellationToken Lost { get; }

    internal PlacementRequest Request { get; }

    internal Guid Stamp { get; private set; }

    internal bool IsReleased { get; private set; }

    /// <summary>The grain that asked for it; null outside grains.</summary>
    internal IGrainContext? Owner { get; set; }

    /// <summary>Gives the group back. Ends when that is written down, or goes on in the background where the ledger does not answer.</summary>
    public async ValueTask DisposeAsync()
    {
        IsReleased = true;
        await _keeper.ReleaseAsync(this);
    }

    internal void Update(LeasedBundle?[] bundles) => _bundles = Reserved(bundles);

    internal void Adopt(LeaseGranted granted)
    {
        Stamp = granted.Stamp;
        Update(granted.Bundles);
    }

    internal void Lose() => _lost.Cancel();

    private ReservedBundle[] Reserved(LeasedBundle?[] bundles) =>
        [
            .. bundles.Select(
                (bundle, i) =>
                    new ReservedBundle(
                        Id,
                        i,
                        Request.Bundles[i].Resources,
                        bundle?.Silo,
                        bundle is null ? [] : bundle.Devices
                    )
            ),
        ];
}
