using Air.Orleans.Core.Resources.Control;

namespace Air.Orleans.Core.Resources.Grains;

/// <summary>The one book of resources in a cluster; its key is 0. It keeps nothing that the silos could not tell it again.</summary>
[Alias("air.core.IResourceLedgerGrain")]
internal interface IResourceLedgerGrain : IGrainWithIntegerKey
{
    /// <summary>A silo tells what it has and which leases are held on it; told at its start and every second.</summary>
    [Alias("Report")]
    Task ReportAsync(SiloReport report);

    /// <summary>Asks for all of <paramref name="amount"/> on one silo, or waits for it up to <paramref name="patience"/>.</summary>
    [Alias("Acquire")]
    Task<LeaseAnswer> AcquireAsync(string id, ResourceSet amount, TimeSpan patience);

    /// <summary>Gives the lease back, or takes the request out of the queue. May be called again.</summary>
    [Alias("Release")]
    Task ReleaseAsync(string id);

    /// <summary>What each silo has, and what of it is free.</summary>
    [Alias("Describe")]
    Task<SiloResources[]> DescribeAsync();
}

/// <summary>What a silo says of itself.</summary>
[GenerateSerializer, Immutable, Alias("air.core.SiloReport")]
internal sealed record SiloReport(
    [property: Id(0)] SiloAddress Silo,
    [property: Id(1)] ResourceSet Declared,
    [property: Id(2)] IReadOnlyDictionary<string, ResourceSet> Held
);

/// <summary>One silo's resources, as the ledger sees them.</summary>
[GenerateSerializer, Immutable, Alias("air.core.SiloResources")]
internal sealed record SiloResources(
    [property: Id(0)] SiloAddress Silo,
    [property: Id(1)] ResourceSet Declared,
    [property: Id(2)] ResourceSet Free
);
