using Air.Orleans.Core.Resources;
using Orleans.Runtime.Placement;

namespace Air.Orleans.Serve.Grains;

/// <summary>
/// Where replicas are placed: under the lease of their version, or, where they need nothing of their own, on the silos in turn. A controller
/// that was activated anew asks for the leases again by name and so holds them. Used in the controller's turns alone.
/// </summary>
internal sealed class ReplicaLeases(LeaseKeeper keeper, IManagementView membership, IReadOnlySet<SiloAddress> leaving)
{
    private readonly Dictionary<string, Task<PlacementGroup>> _groups = [];

    /// <summary>Calls made until the result is disposed place this replica.</summary>
    /// <exception cref="ResourceException">There are no resources for it.</exception>
    public async Task<Func<IDisposable>> PlaceAsync(ActiveDeployment deployment, int index)
    {
        if (deployment.Request.Lease(deployment.Version) is not { } request)
        {
            var active = (await membership.ActiveSilosAsync()).OrderBy(static silo => silo.ToString()).ToList();
            var staying = active.FindAll(silo => !leaving.Contains(silo));
            var silos = staying.Count > 0 ? staying : active;
            return () => new HintScope(silos[(deployment.Version + index) % silos.Count]);
        }

        var group = await HoldAsync(request);
        return group.Bundles[index].Place;
    }

    /// <summary>Whether the replica could be loaded on another silo than this.</summary>
    /// <exception cref="ResourceException">There are no resources for it.</exception>
    public async Task<bool> StandsElsewhereAsync(ActiveDeployment deployment, int index, SiloAddress silo)
    {
        if (deployment.Request.Lease(deployment.Version) is not { } request)
        {
            return (await membership.ActiveSilosAsync()).Any(other => !leaving.Contains(other));
        }

        return (await HoldAsync(request)).Bundles[index].Silo is { } place && !place.Equals(silo);
    }

    /// <summary>Gives back what a version holds.</summary>
    public async Task ReleaseAsync(string name, int version)
    {
        var id = DeploymentRequest.LeaseId(name, version);
        if (_groups.Remove(id, out var holding) && holding.IsCompletedSuccessfully)
        {
            await (await holding).DisposeAsync();
        }
        else
        {
            keeper.ReleaseInBackground(id, stamp: null, ofHolder: null);
        }
    }

    private async Task<PlacementGroup> HoldAsync(PlacementRequest request)
    {
        if (!_groups.TryGetValue(request.Id, out var holding))
        {
            holding = keeper.AcquireAsync(request, waiting: null, CancellationToken.None);
            _groups.Add(request.Id, holding);
        }

        try
        {
            var group = await holding;
            if (group.Lost.IsCancellationRequested)
            {
                _groups.Remove(request.Id);
                throw new ResourceException($"'{request.Id}' has lost its lease; it is asked for again.");
            }

            return group;
        }
        catch (Exception) when (!holding.IsCompletedSuccessfully)
        {
            _groups.Remove(request.Id);
            throw;
        }
    }

    private sealed class HintScope : IDisposable
    {
        public HintScope(SiloAddress silo) => RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);

        public void Dispose() => RequestContext.Remove(IPlacementDirector.PlacementHintKey);
    }
}
