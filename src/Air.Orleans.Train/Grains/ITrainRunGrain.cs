using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Runs;
using Air.Orleans.Core.Runs.Grains;
using Air.Orleans.Train.Control;

namespace Air.Orleans.Train.Grains;

/// <summary>One training run; the key is its name.</summary>
[Alias("air.train.ITrainRunGrain")]
internal interface ITrainRunGrain : IRunGrain, IListedRunGrain
{
    /// <summary>The state of the run, as soon as it is another than that of <paramref name="seenVersion"/>, or when patience ends.</summary>
    [Alias("Watch"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<TrainSnapshot> WatchAsync(long seenVersion, TimeSpan patience);

    /// <summary>
    /// Its silo drains: the run moves to another, after the next checkpoint of its workers where it has any. Nothing where it is elsewhere.
    /// </summary>
    [Alias("Leave"), ResponseTimeout(SharedWork.CallTimeout)]
    Task LeaveAsync(SiloAddress silo);

    /// <summary>A report of worker 0; refused from an attempt that is over. May come again. Null where it is not decided yet: ask again.</summary>
    [Alias("Report"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<RunDecision?> ReportAsync(int attempt, RunReport report);
}

/// <summary>Where a run stands. The history is complete once it has ended.</summary>
[GenerateSerializer, Immutable, Alias("air.train.TrainSnapshot")]
internal sealed record TrainSnapshot(
    [property: Id(0)] long Version,
    [property: Id(1)] TrainStatus Status,
    [property: Id(2)] string Detail,
    [property: Id(3)] int Iteration,
    [property: Id(4)] IReadOnlyDictionary<string, double> LastMetrics,
    [property: Id(5)] RunReport[] History,
    [property: Id(6)] CheckpointManifest[] Kept,
    [property: Id(7)] CheckpointManifest? Best,
    [property: Id(8)] string? Error,
    [property: Id(9)] int Attempts,
    [property: Id(10)] string? Silo
);
