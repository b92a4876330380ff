namespace Air.Orleans.Tune;

/// <summary>The saved form of a <see cref="TuneController"/>: what a resumed search must agree with, and what has happened.</summary>
internal sealed record TuneControllerState
{
    public required string Metric { get; init; }
    public required Mode Mode { get; init; }
    public required long Seed { get; init; }
    public required IReadOnlyList<Domain> Dimensions { get; init; }
    public required IReadOnlyList<TrialRecord> Trials { get; init; }
    public required IReadOnlyList<ResolvedDecision> Resolved { get; init; }
    public required string Searcher { get; init; }
    public required string Scheduler { get; init; }
}
