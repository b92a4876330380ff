using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources;
using Air.Orleans.Core.Resources.Grains;

namespace Air.Orleans.Core;

/// <summary>The resources of a cluster: groups of bundles to reserve, who holds what, and who waits and why. Thread-safe.</summary>
public sealed class ResourceDoor
{
    private readonly IAirCluster _air;

    internal ResourceDoor(IAirCluster air) => _air = air;

    /// <summary>Reserves all bundles of the request together, and waits for them in the queue.</summary>
    /// <param name="request">What to reserve.</param>
    /// <param name="progress">Is told every few seconds why the request still waits.</param>
    /// <param name="cancellationToken">Takes the request out of the queue.</param>
    /// <exception cref="ResourceException">
    /// The request itself is wrong, no present silo could ever serve it, or it was not granted within its timeout; the message says why.
    /// </exception>
    public Task<PlacementGroup> ReserveAsync(
        PlacementRequest request,
        IProgress<string>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        return _air
            .Services.GetRequiredService<LeaseKeeper>()
            .AcquireAsync(request, progress is null ? null : progress.Report, cancellationToken);
    }

    /// <summary>What the silos offer, who holds what of it, and who waits for what and why.</summary>
    public async Task<ResourceReport> DescribeAsync(CancellationToken cancellationToken = default) =>
        await GrainCalls.RetryAsync(() => Ledger.DescribeAsync(), cancellationToken);

    /// <summary>Has a silo offer these amounts from now on, until it stops. What is held stays held, even where it is more.</summary>
    /// <exception cref="ResourceException">There is no such silo.</exception>
    public async Task DeclareAsync(
        SiloAddress silo,
        ResourceSet resources,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentNullException.ThrowIfNull(resources);
        await GrainCalls.RetryAsync(() => Ledger.DeclareAsync(silo, resources), cancellationToken);
    }

    private IResourceLedgerGrain Ledger =>
        _air.Services.GetRequiredService<IGrainFactory>().GetGrain<IResourceLedgerGrain>(0);
}

/// <summary>Adds <c>air.Resources</c>.</summary>
public static class ResourceExtensions
{
    extension(IAirCluster air)
    {
        /// <summary>The cluster's resources.</summary>
        public ResourceDoor Resources => new(air);
    }
}
