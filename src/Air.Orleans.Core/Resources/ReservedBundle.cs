using Air.Orleans.Core.Placement;

namespace Air.Orleans.Core;

/// <summary>One bundle of a <see cref="PlacementGroup"/>, where it stands. Immutable.</summary>
public sealed class ReservedBundle
{
    internal ReservedBundle(
        string group,
        int index,
        ResourceSet resources,
        SiloAddress? silo,
        IReadOnlyList<int> devices
    )
    {
        Group = group;
        Index = index;
        Resources = resources;
        Silo = silo;
        Devices = devices;
    }

    /// <summary>Which bundle of the request it is, from 0.</summary>
    public int Index { get; }

    /// <summary>What it reserves.</summary>
    public ResourceSet Resources { get; }

    /// <summary>Where it stands; null where it was lost and has no new place.</summary>
    public SiloAddress? Silo { get; }

    /// <summary>The indices of its GPUs on that silo; a fraction of a GPU is one device, shared with others.</summary>
    public IReadOnlyList<int> Devices { get; }

    internal string Group { get; }

    /// <summary>
    /// Until it is disposed, grains with <see cref="GpuPlacementAttribute"/> that are activated by calls of this method (and of those that
    /// it calls) are placed on the bundle's silo and work under it. What a called grain calls in its turn is not.
    /// </summary>
    /// <exception cref="ResourceException">The bundle was lost with its silo.</exception>
    public IDisposable Place()
    {
        if (Silo is not { } silo)
        {
            throw new ResourceException(
                $"Bundle {Index} of group '{Group}' was lost with its silo. Wait until it is replaced, or release the group and ask anew."
            );
        }

        return new PlacementScope(new LeasePlace(Group, Index, silo));
    }
}
