using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Runs;

namespace Air.Orleans.Tune.Grains;

/// <summary>
/// One attempt of one trial; the key is the name of its run, so that a late message of an attempt that failed never reaches
/// the next one. It stands between the run, whose reports it keeps, and the search, which decides on them.
/// </summary>
[Alias("air.tune.ITrialGrain")]
internal interface ITrialGrain : IRunListenerGrain
{
    /// <summary>Starts the run; may be called again.</summary>
    [Alias("Start"), ResponseTimeout(SharedWork.CallTimeout)]
    Task StartAsync(TrialStart start);

    /// <summary>Looks after the run, which wakes it where its silo was lost.</summary>
    [Alias("Pulse"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<TrialPulse> PulseAsync();

    /// <summary>The reports that were answered, in order.</summary>
    [Alias("Journal"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<JournalEntry[]> JournalAsync();

    /// <summary>Tells the run to stop; a pulse says when it has. May be called again.</summary>
    [Alias("Stop"), ResponseTimeout(SharedWork.CallTimeout)]
    Task StopAsync(string reason);

    /// <summary>Forgets the attempt and its run, and the checkpoints where that is told. May be called again.</summary>
    [Alias("Forget"), ResponseTimeout("00:01:00")]
    Task ForgetAsync(GrainType runGrainType, bool checkpoints);
}

/// <summary>What starts an attempt.</summary>
[GenerateSerializer, Immutable, Alias("air.tune.TrialStart")]
internal sealed record TrialStart(
    [property: Id(0)] string Tune,
    [property: Id(1)] int Index,
    [property: Id(2)] int Attempt,
    [property: Id(3)] GrainType RunGrainType,
    [property: Id(4)] byte[] Specification,
    [property: Id(5)] string ParametersJson
);

/// <summary>
/// Whether the attempt's run was started since the trial was activated, how it ended if it did, and whether it waits for resources that
/// others have.
/// </summary>
[GenerateSerializer, Immutable, Alias("air.tune.TrialPulse")]
internal sealed record TrialPulse(
    [property: Id(0)] bool IsStarted,
    [property: Id(1)] TrialEnd? End,
    [property: Id(2)] bool WaitsForResources
);

/// <summary>A report that was answered; the sequence number orders the reports of all trials.</summary>
[GenerateSerializer, Immutable, Alias("air.tune.JournalEntry")]
internal sealed record JournalEntry(
    [property: Id(0)] long Sequence,
    [property: Id(1)] int Iteration,
    [property: Id(2)] IReadOnlyDictionary<string, double> Metrics
);
