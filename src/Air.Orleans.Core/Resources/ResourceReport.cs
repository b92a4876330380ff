namespace Air.Orleans.Core;

/// <summary>The cluster's resources at one moment: what the silos offer, who holds what, and who waits for what and why.</summary>
[GenerateSerializer, Immutable, Alias("air.core.ResourceReport")]
public sealed record ResourceReport(
    [property: Id(0)] IReadOnlyList<SiloResources> Silos,
    [property: Id(1)] IReadOnlyList<LeaseDescription> Leases,
    [property: Id(2)] IReadOnlyList<PendingDescription> Pending
);

/// <summary>One silo's resources.</summary>
/// <param name="Silo">The silo.</param>
/// <param name="Declared">What it offers.</param>
/// <param name="Free">What of that nobody holds.</param>
/// <param name="Accelerators">The types of its GPUs, by device index.</param>
/// <param name="Labels">Its labels.</param>
[GenerateSerializer, Immutable, Alias("air.core.SiloResources")]
public sealed record SiloResources(
    [property: Id(0)] SiloAddress Silo,
    [property: Id(1)] ResourceSet Declared,
    [property: Id(2)] ResourceSet Free,
    [property: Id(3)] IReadOnlyList<string> Accelerators,
    [property: Id(4)] IReadOnlyDictionary<string, string> Labels
);

/// <summary>A group that is held.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="Holder">The process that holds it.</param>
/// <param name="Bundles">Where each bundle stands; null where it was lost.</param>
/// <param name="Since">When it was asked for.</param>
[GenerateSerializer, Immutable, Alias("air.core.LeaseDescription")]
public sealed record LeaseDescription(
    [property: Id(0)] string Id,
    [property: Id(1)] string Purpose,
    [property: Id(2)] string Holder,
    [property: Id(3)] IReadOnlyList<BundleDescription> Bundles,
    [property: Id(4)] DateTimeOffset Since
);

/// <summary>A bundle that is held: what it is, its silo (null where it was lost), and the indices of its GPUs there.</summary>
[GenerateSerializer, Immutable, Alias("air.core.BundleDescription")]
public sealed record BundleDescription(
    [property: Id(0)] ResourceSet Resources,
    [property: Id(1)] SiloAddress? Silo,
    [property: Id(2)] IReadOnlyList<int> Devices
);

/// <summary>A request that waits.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="Reason">Why it waits.</param>
/// <param name="Position">How many stand before it.</param>
/// <param name="Since">When it was asked for.</param>
[GenerateSerializer, Immutable, Alias("air.core.PendingDescription")]
public sealed record PendingDescription(
    [property: Id(0)] string Id,
    [property: Id(1)] string Purpose,
    [property: Id(2)] string Reason,
    [property: Id(3)] int Position,
    [property: Id(4)] DateTimeOffset Since
);
