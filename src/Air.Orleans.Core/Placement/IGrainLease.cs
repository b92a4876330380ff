namespace Air.Orleans.Core;

/// <summary>
/// What a grain with <see cref="GpuPlacementAttribute"/> works under; inject it into the grain's constructor, and read it from
/// OnActivateAsync on. Thread-safe.
/// </summary>
public interface IGrainLease
{
    /// <summary>Whether the grain was placed under a lease.</summary>
    bool IsLeased { get; }

    /// <summary>The amounts that the grain may use; nothing without a lease.</summary>
    ResourceSet Resources { get; }

    /// <summary>The indices of its GPUs on this silo.</summary>
    IReadOnlyList<int> Devices { get; }

    /// <summary>Is cancelled when the lease has ended, by release or because its holder was lost: stop the work.</summary>
    CancellationToken Revoked { get; }
}
