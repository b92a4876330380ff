using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources.Control;

namespace Air.Orleans.Core.Resources.Grains;

/// <summary>
/// Decides who gets which resources; its key is 0. The truth is in the silos' own books (<see cref="IResourceSiloService"/>): a ledger that
/// was lost with its silo is made anew from them.
/// </summary>
[Alias("air.core.IResourceLedgerGrain")]
internal interface IResourceLedgerGrain : IGrainWithIntegerKey
{
    /// <summary>Asks for the request, or waits for it up to <paramref name="patience"/>; the same id is the same request.</summary>
    [Alias("Acquire"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<LeaseAnswer> AcquireAsync(PlacementRequest request, string holder, TimeSpan patience);

    /// <summary>Gives the lease back, or takes the request out of the queue. May be called again.</summary>
    /// <param name="id">The request's id.</param>
    /// <param name="stamp">The reservation meant; null for any under that id.</param>
    /// <param name="holder">Whose it must still be; null for anyone's.</param>
    [Alias("Release"), ResponseTimeout(SharedWork.CallTimeout)]
    Task ReleaseAsync(string id, Guid? stamp, string? holder);

    /// <summary>A holder is alive. Answers what has become of its leases.</summary>
    [Alias("Beat"), ResponseTimeout("00:00:05")]
    Task<BeatReply> BeatAsync(Beat beat);

    /// <summary>The silo offers these amounts from now on; what is held stays held.</summary>
    [Alias("Declare"), ResponseTimeout(SharedWork.CallTimeout)]
    Task DeclareAsync(SiloAddress silo, ResourceSet resources);

    /// <summary>The silo stops: what stands on it is void, and nothing more is placed there.</summary>
    [Alias("Leave"), ResponseTimeout(SharedWork.CallTimeout)]
    Task LeaveAsync(SiloAddress silo);

    /// <summary>What each silo has, who holds what of it, and who waits for what.</summary>
    [Alias("Describe"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<ResourceReport> DescribeAsync();
}

/// <summary>A holder's sign of life: what it has heard of, and, when it was asked for that, all that it holds.</summary>
[GenerateSerializer, Immutable, Alias("air.core.Beat")]
internal sealed record Beat(
    [property: Id(0)] string Holder,
    [property: Id(1)] Ballot Ballot,
    [property: Id(2)] long News,
    [property: Id(3)] HeldLease[]? Held
);

/// <summary>A lease that a holder says he has.</summary>
[GenerateSerializer, Immutable, Alias("air.core.HeldLease")]
internal readonly record struct HeldLease([property: Id(0)] string Id, [property: Id(1)] Guid Stamp);

/// <summary>The ledger's answer: which ledger it is, the last news, and whether the holder shall say all that it holds.</summary>
[GenerateSerializer, Immutable, Alias("air.core.BeatReply")]
internal sealed record BeatReply(
    [property: Id(0)] Ballot Ballot,
    [property: Id(1)] long News,
    [property: Id(2)] bool TellAll,
    [property: Id(3)] LeaseNews[] Leases
);

/// <summary>What has become of a lease: its bundles where they stand now (null where one has no place), or null where it is no more.</summary>
[GenerateSerializer, Immutable, Alias("air.core.LeaseNews")]
internal sealed record LeaseNews(
    [property: Id(0)] HeldLease Lease,
    [property: Id(1)] LeasedBundle?[]? Bundles,
    [property: Id(2)] bool Lost
);
