namespace Air.Orleans.Tune;

/// <summary>What became of one trial. Immutable and thread-safe.</summary>
/// <typeparam name="TParameters">The parameters that were searched.</typeparam>
public sealed record TrialResult<TParameters>
    where TParameters : notnull
{
    /// <summary>Gives the trial's number in the search, 0-based.</summary>
    public required int Index { get; init; }

    /// <summary>Gives the trial's name in the cluster: the search's name, a slash, the number.</summary>
    public required string Name { get; init; }

    /// <summary>Gives the parameters that the trial ran with: the trainable's own, with the configuration's values.</summary>
    public required TParameters Parameters { get; init; }

    /// <summary>Gives the values that the search chose.</summary>
    public required Configuration Configuration { get; init; }

    /// <summary>Gives where the trial ended; <see cref="TrialState.Pending"/> only in a search that was stopped.</summary>
    public required TrialState State { get; init; }

    /// <summary>Gives the metrics of the last report by name; empty when there was none.</summary>
    public IReadOnlyDictionary<string, double> Metrics =>
        History.Count == 0 ? new Dictionary<string, double>() : History[^1].Metrics;

    /// <summary>Gives all reports by rising iteration.</summary>
    public required IReadOnlyList<TrialReport> History { get; init; }

    /// <summary>Gives why the trial was told to stop, by the scheduler or with the whole search.</summary>
    /// <value><see langword="null"/> when it was not.</value>
    public string? StopReason { get; init; }

    /// <summary>Gives the best checkpoint of the trial's run, as the run's own settings say.</summary>
    /// <value><see langword="null"/> when it made none.</value>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>Gives the text of the latest failure, also of one after which the trial was tried again with success.</summary>
    /// <value><see langword="null"/> when the trial never failed.</value>
    public string? Error { get; init; }
}
