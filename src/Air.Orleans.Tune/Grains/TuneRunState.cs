namespace Air.Orleans.Tune.Grains;

/// <summary>What a search keeps of itself that never changes: its request.</summary>
[GenerateSerializer, Alias("air.tune.TuneRequestState")]
internal sealed class TuneRequestState
{
    [Id(0)]
    public TuneRequest? Request { get; set; }
}

/// <summary>What a search keeps of its progress. Reports that came after it was written are in the trials' journals.</summary>
[GenerateSerializer, Alias("air.tune.TuneRunState")]
internal sealed class TuneRunState
{
    [Id(0)]
    public TuneStatus Status { get; set; }

    [Id(1)]
    public string? Controller { get; set; }

    [Id(2)]
    public long Sequence { get; set; }

    [Id(3)]
    public Dictionary<int, CheckpointManifest> Checkpoints { get; set; } = [];

    [Id(4)]
    public string? StopReason { get; set; }

    /// <summary>
    /// Attempts of trials that gave way, by trial, whose runs have not said how they ended: their checkpoints are those of the trial if it
    /// does not run again.
    /// </summary>
    [Id(5)]
    public Dictionary<int, int> Leaving { get; set; } = [];
}

/// <summary>Whether a search goes on.</summary>
[GenerateSerializer, Alias("air.tune.TuneStatus")]
internal enum TuneStatus
{
    /// <summary>Trials run or are still to be started.</summary>
    Running,

    /// <summary>All trials have ended.</summary>
    Finished,

    /// <summary>It was stopped before all trials had ended.</summary>
    Stopped,
}
