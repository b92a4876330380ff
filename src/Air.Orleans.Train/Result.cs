namespace Air.Orleans.Train;

/// <summary>What a training run has come to.</summary>
public sealed record Result
{
    /// <summary>The run's name in the cluster.</summary>
    public required string Run { get; init; }

    /// <summary>The metrics last reported; empty where nothing was.</summary>
    public IReadOnlyDictionary<string, double> Metrics =>
        History.Count == 0 ? new Dictionary<string, double>() : History[^1];

    /// <summary>The metrics of every report, in order.</summary>
    public required IReadOnlyList<IReadOnlyDictionary<string, double>> History { get; init; }

    /// <summary>The best checkpoint by <see cref="CheckpointConfig"/>, or the latest; null where none was committed.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>All checkpoints that are kept, oldest first.</summary>
    public required IReadOnlyList<Checkpoint> Checkpoints { get; init; }

    /// <summary>Why the run failed; null where it did not.</summary>
    public string? Error { get; init; }

    /// <summary>How often the workers were started: 1 where nothing was lost.</summary>
    public int Attempts { get; init; }
}

/// <summary>Where a run stands.</summary>
/// <param name="Status">What it is doing: pending, preparing, running, or how it ended.</param>
/// <param name="Detail">More about that, such as why it is pending.</param>
/// <param name="Iteration">How many reports there were.</param>
/// <param name="Metrics">The metrics last reported.</param>
/// <param name="Silo">The silo where the workers stand; null before they do.</param>
public sealed record TrainProgress(
    string Status,
    string Detail,
    int Iteration,
    IReadOnlyDictionary<string, double> Metrics,
    string? Silo
);
