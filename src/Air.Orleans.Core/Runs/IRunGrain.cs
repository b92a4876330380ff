namespace Air.Orleans.Core.Runs;

/// <summary>
/// A run that can be started with parameters and stopped: what a trial needs to know of what it tries. A training run is one;
/// the library that tunes never sees more of it. The key is the run's name.
/// </summary>
[Alias("air.core.IRunGrain")]
internal interface IRunGrain : IGrainWithStringKey
{
    /// <summary>Starts the run; may be called again with the same request.</summary>
    [Alias("Start")]
    Task StartAsync(RunRequest request);

    /// <summary>Whether the run goes on, and how it ended otherwise. Wakes the run where its silo was lost.</summary>
    [Alias("Check")]
    Task<RunEnd?> CheckAsync();

    /// <summary>Stops the run; what it has reported stays.</summary>
    [Alias("Stop")]
    Task StopAsync(string reason);
}

/// <summary>Hears of every report of a run before the run goes on.</summary>
[Alias("air.core.IRunListenerGrain")]
internal interface IRunListenerGrain : IGrainWithStringKey
{
    /// <summary>
    /// One report; the answer says whether the run goes on. The same report may come again. The answer may take long: a
    /// search can hold a run until others have come as far.
    /// </summary>
    [Alias("Report"), ResponseTimeout("24:00:00")]
    Task<RunDecision> OnReportAsync(RunReport report);

    /// <summary>The run has ended. The same end may come again.</summary>
    [Alias("End")]
    Task OnEndAsync(RunEnd end);
}

/// <summary>What starts a run: its specification, the parameters in it to replace, and who listens.</summary>
[GenerateSerializer, Immutable, Alias("air.core.RunRequest")]
internal sealed record RunRequest(
    [property: Id(0)] byte[] Specification,
    [property: Id(1)] string? ParametersJson,
    [property: Id(2)] GrainId? Listener
);

/// <summary>One report of a run: its number from 1, the metrics, and the checkpoint committed with it.</summary>
[GenerateSerializer, Immutable, Alias("air.core.RunReport")]
internal sealed record RunReport(
    [property: Id(0)] int Iteration,
    [property: Id(1)] IReadOnlyDictionary<string, double> Metrics,
    [property: Id(2)] CheckpointManifest? Checkpoint
);

/// <summary>How a run ended: its error, if it failed; whether it was stopped; and its best checkpoint.</summary>
[GenerateSerializer, Immutable, Alias("air.core.RunEnd")]
internal sealed record RunEnd(
    [property: Id(0)] string? Error,
    [property: Id(1)] bool Stopped,
    [property: Id(2)] CheckpointManifest? BestCheckpoint
);

/// <summary>What a listener answers to a report.</summary>
[GenerateSerializer, Immutable, Alias("air.core.RunDecision")]
internal sealed record RunDecision([property: Id(0)] bool Continue, [property: Id(1)] string Reason)
{
    public static RunDecision GoOn { get; } = new(true, "");
}
