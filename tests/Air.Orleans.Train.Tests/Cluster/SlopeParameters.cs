namespace Air.Orleans.Train.Tests.Cluster;

/// <summary>What <see cref="SlopeLoop"/> does, and where it goes wrong. Reports are counted from 1.</summary>
public sealed record SlopeParameters
{
    public int Reports { get; init; } = 10;

    /// <summary>The worker that misbehaves.</summary>
    public int FaultyRank { get; init; } = 1;

    /// <summary>The report instead of which it raises an error, where it was not resumed.</summary>
    public int? ThrowAt { get; init; }

    /// <summary>The report in which its loss is NaN.</summary>
    public int? NaNAt { get; init; }

    /// <summary>How many reports it makes.</summary>
    public int? FaultyReports { get; init; }

    /// <summary>The report before which every worker waits until it is stopped, where it was not resumed.</summary>
    public int? WaitAt { get; init; }

    public string Dataset { get; init; } = "train";
}
