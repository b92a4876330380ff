namespace Air.Orleans.Core;

/// <summary>Where a piece of work stands.</summary>
[GenerateSerializer, Alias("air.core.ComputeState")]
public enum ComputeState
{
    /// <summary>It waits for a slot.</summary>
    Queued,

    /// <summary>It computes.</summary>
    Running,

    /// <summary>It was told to stop and did not within its grace; its slot is still taken.</summary>
    Overdue,

    /// <summary>It is over: done, failed or cancelled.</summary>
    Ended,
}

/// <summary>What a piece of work on the slots looks like from outside.</summary>
/// <param name="Name">What it is, such as "block d1/7".</param>
/// <param name="State">Where it stands.</param>
/// <param name="Since">When it came into its slot; before that, when it was queued. UTC.</param>
/// <param name="Fraction">How much is done, from 0 to 1; null where the work does not say.</param>
/// <param name="Detail">What the work says of itself; empty where it says nothing.</param>
[GenerateSerializer, Immutable, Alias("air.core.ComputeProgress")]
public sealed record ComputeProgress(
    [property: Id(0)] string Name,
    [property: Id(1)] ComputeState State,
    [property: Id(2)] DateTimeOffset Since,
    [property: Id(3)] double? Fraction,
    [property: Id(4)] string Detail
);
