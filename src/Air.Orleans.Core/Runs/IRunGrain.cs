using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Core.Runs;

/// <summary>
/// A run that can be started with parameters and stopped: what a trial needs to know of what it tries. A training run is one;
/// the library that tunes never sees more of it. The key is the run's name.
/// </summary>
[Alias("air.core.IRunGrain")]
internal interface IRunGrain : IGrainWithStringKey
{
    /// <summary>Starts the run; may be called again with the same request.</summary>
    [Alias("Start"), ResponseTimeout(SharedWork.CallTimeout)]
    Task StartAsync(RunRequest request);

    /// <summary>Whether the run goes on, and how it ended otherwise. Wakes the run where its silo was lost.</summary>
    [Alias("Check"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<RunCheck> CheckAsync();

    /// <summary>
    /// Stops the run; what it has reported stays. Gives how it ended, which may be otherwise than by this; null where it has not ended yet:
    /// ask again.
    /// </summary>
    [Alias("Stop"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<RunEnd?> StopAsync(string reason);

    /// <summary>Forgets a run that has ended, and its checkpoints where that is told. May be called again.</summary>
    [Alias("Forget"), ResponseTimeout("00:01:00")]
    Task ForgetAsync(bool checkpoints);
}

/// <summary>Hears of every report of a run before the run goes on.</summary>
[Alias("air.core.IRunListenerGrain")]
internal interface IRunListenerGrain : IGrainWithStringKey
{
    /// <summary>
    /// One report; the answer says whether the run goes on. The same report may come again. Null where that is not decided yet, as a
    /// search can hold a run until others have come as far: ask again.
    /// </summary>
    [Alias("Report"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<RunDecision?> OnReportAsync(RunReport report);

    /// <summary>The run has ended. The same end may come again.</summary>
    [Alias("End"), ResponseTimeout(SharedWork.CallTimeout)]
    Task OnEndAsync(RunEnd end);
}

/// <summary>
/// What starts a run: its specification, the parameters in it to replace, who listens, and the checkpoints of the run that it carries on,
/// oldest first: it resumes from the last, and they are its own from then on.
/// </summary>
[GenerateSerializer, Immutable, Alias("air.core.RunRequest")]
internal sealed record RunRequest(
    [property: Id(0)] byte[] Specification,
    [property: Id(1)] string? ParametersJson,
    [property: Id(2)] GrainId? Listener,
    [property: Id(3)] CheckpointManifest[] Inherited
);

/// <summary>One report of a run: its number from 1, the metrics, and the checkpoint committed with it.</summary>
[GenerateSerializer, Immutable, Alias("air.core.RunReport")]
internal sealed record RunReport(
    [property: Id(0)] int Iteration,
    [property: Id(1)] IReadOnlyDictionary<string, double> Metrics,
    [property: Id(2)] CheckpointManifest? Checkpoint
);

/// <summary>Where a run stands: whether it waits for resources that others have, and how it ended, if it did.</summary>
[GenerateSerializer, Immutable, Alias("air.core.RunCheck")]
internal sealed record RunCheck([property: Id(0)] bool WaitsForResources, [property: Id(1)] RunEnd? End);

/// <summary>How a run ended: its error, if it failed; whether it was stopped; its best checkpoint, and all that are kept, oldest first.</summary>
[GenerateSerializer, Immutable, Alias("air.core.RunEnd")]
internal sealed record RunEnd(
    [property: Id(0)] string? Error,
    [property: Id(1)] bool Stopped,
    [property: Id(2)] CheckpointManifest? BestCheckpoint,
    [property: Id(3)] CheckpointManifest[] Kept
);

/// <summary>What a listener answers to a report.</summary>
[GenerateSerializer, Immutable, Alias("air.core.RunDecision")]
internal sealed record RunDecision([property: Id(0)] bool Continue, [property: Id(1)] string Reason)
{
    public static RunDecision GoOn { get; } = new(true, "");
}
