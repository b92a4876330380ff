using System.Text.Json;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Runs;
using Air.Orleans.Core.Runs.Grains;

namespace Air.Orleans.Tune.Grains;

/// <summary>One search; the key is its name.</summary>
[Alias("air.tune.ITuneRunGrain")]
internal interface ITuneRunGrain : IGrainWithStringKey, IListedRunGrain
{
    /// <summary>Starts the search; may be called again with the same request.</summary>
    [Alias("Start"), ResponseTimeout(SharedWork.CallTimeout)]
    Task StartAsync(TuneRequest request);

    /// <summary>The trials that changed after <paramref name="seenVersion"/>, as soon as there are any, or when patience ends.</summary>
    [Alias("Watch"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<TuneSnapshot> WatchAsync(long seenVersion, TimeSpan patience);

    /// <summary>All that is known of all trials.</summary>
    [Alias("Outcome"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<TuneOutcome> OutcomeAsync();

    /// <summary>Stops the running trials and starts no more; what was reported stays. May be called again.</summary>
    [Alias("Stop"), ResponseTimeout(SharedWork.CallTimeout)]
    Task StopAsync(string reason);

    /// <summary>
    /// A report of a trial's attempt. An answer to wait comes after some seconds at the latest: the same report then asks
    /// again.
    /// </summary>
    [Alias("Report"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<TrialAnswer> ReportAsync(int trial, int attempt, int iteration, IReadOnlyDictionary<string, double> metrics);

    /// <summary>A trial's attempt has ended. The same end may come again.</summary>
    [Alias("End"), ResponseTimeout(SharedWork.CallTimeout)]
    Task EndAsync(int trial, int attempt, TrialEnd end);
}

/// <summary>A tuner as it travels, free of the parameters' type.</summary>
[GenerateSerializer, Immutable, Alias("air.tune.TuneRequest")]
internal sealed record TuneRequest(
    [property: Id(0)] string ConfigJson,
    [property: Id(1)] string DimensionsJson,
    [property: Id(2)] string BaselineJson,
    [property: Id(3)] IReadOnlyDictionary<string, string> JsonNames,
    [property: Id(4)] TrainableLaunch Launch
)
{
    /// <summary>Refuses a request for another search under the name of this one.</summary>
    /// <exception cref="TuneException">The requests differ.</exception>
    public void CheckSame(TuneRequest other, string name)
    {
        var isSame =
            ConfigJson == other.ConfigJson
            && DimensionsJson == other.DimensionsJson
            && BaselineJson == other.BaselineJson
            && Launch.RunGrainType.Equals(other.Launch.RunGrainType)
            && Launch.Fingerprint == other.Launch.Fingerprint;
        if (!isSame)
        {
            throw new TuneException(
                $"There is a search '{name}' already, of another trainable, space or TuneConfig. Give this one another "
                    + "Tuner.Name, or ask again with what it was started with."
            );
        }
    }

    /// <summary>Gives what starts the trial's present attempt.</summary>
    public TrialStart ToStart(string tune, TrialRecord trial) =>
        new(
            tune,
            trial.Index,
            trial.Attempt,
            Launch.RunGrainType,
            Launch.Specification,
            TrialParameters.Overlay(BaselineJson, JsonNames, trial.Configuration)
        );

    /// <summary>Makes the search's controller, anew or from its saved state.</summary>
    public TuneController ToController(string? state)
    {
        var config = JsonSerializer.Deserialize<TuneConfig>(ConfigJson, TuneJson.Options);
        var dimensions = JsonSerializer.Deserialize<Domain[]>(DimensionsJson, TuneJson.Options);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(dimensions);
        return state is null ? new TuneController(config, dimensions) : TuneController.Load(config, dimensions, state);
    }
}

/// <summary>Where a search stands, as far as it changed since it was last asked.</summary>
[GenerateSerializer, Immutable, Alias("air.tune.TuneSnapshot")]
internal sealed record TuneSnapshot(
    [property: Id(0)] long Version,
    [property: Id(1)] TuneStatus Status,
    [property: Id(2)] TrialSnapshot[] Changed,
    [property: Id(3)] int? TrialCount
);

/// <summary>All trials with their reports, as JSON, and what only the cluster knows of them.</summary>
[GenerateSerializer, Immutable, Alias("air.tune.TuneOutcome")]
internal sealed record TuneOutcome(
    [property: Id(0)] string TrialsJson,
    [property: Id(1)] IReadOnlyDictionary<int, CheckpointManifest> Checkpoints,
    [property: Id(2)] int? Best
)
{
    public static TuneOutcome Of(TuneController controller, IReadOnlyDictionary<int, CheckpointManifest> checkpoints) =>
        new(
            JsonSerializer.Serialize(controller.Trials, TuneJson.Options),
            new Dictionary<int, CheckpointManifest>(checkpoints),
            controller.Best?.Index
        );
}

/// <summary>
/// What a trial shall do. The sequence number orders reports as they came, 0 where the report was not recorded; the fault
/// says what is wrong with the report, so that the trial fails with it.
/// </summary>
[GenerateSerializer, Immutable, Alias("air.tune.TrialAnswer")]
internal sealed record TrialAnswer(
    [property: Id(0)] DecisionKind Kind,
    [property: Id(1)] string Reason,
    [property: Id(2)] string? Fault,
    [property: Id(3)] long Sequence
);

/// <summary>How an attempt ended: with an error, because it was told to stop, or by itself.</summary>
[GenerateSerializer, Immutable, Alias("air.tune.TrialEnd")]
internal sealed record TrialEnd(
    [property: Id(0)] string? Error,
    [property: Id(1)] string? StopReason,
    [property: Id(2)] CheckpointManifest? BestCheckpoint
);
