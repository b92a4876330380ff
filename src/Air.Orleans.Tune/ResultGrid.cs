namespace Air.Orleans.Tune;

/// <summary>What a search found: every trial, and the best. Immutable and thread-safe.</summary>
/// <typeparam name="TParameters">The parameters that were searched.</typeparam>
public sealed class ResultGrid<TParameters>
    where TParameters : notnull
{
    private readonly int? best;
    private readonly TuneConfig config;

    internal ResultGrid(string name, TuneConfig config, IReadOnlyList<TrialResult<TParameters>> trials, int? best)
    {
        Name = name;
        Trials = trials;
        this.config = config;
        this.best = best;
    }

    /// <summary>Gives the search's name in the cluster.</summary>
    public string Name { get; }

    /// <summary>Gives all trials that were started; a trial's place is its index.</summary>
    public IReadOnlyList<TrialResult<TParameters>> Trials { get; }

    /// <summary>
    /// Gives the best trial by the metric, mode and scope of the search's <see cref="TuneConfig"/>; of equals, the one with
    /// the lowest index. Trials that failed or were stopped count with what they had reported; NaN and infinite values
    /// never count.
    /// </summary>
    /// <exception cref="TuneException">No trial has reported a finite value: the message lists every error.</exception>
    public TrialResult<TParameters> Best => best is { } index ? Trials[index] : throw new TuneException(WhyNone());

    /// <summary>Gives the error of each trial that failed for good, by the trial's index.</summary>
    public IReadOnlyDictionary<int, string> Errors =>
        Trials
            .Where(static trial => trial.State == TrialState.Failed)
            .ToDictionary(static trial => trial.Index, static trial => trial.Error ?? "");

    private string WhyNone()
    {
        var errors = Trials
            .Where(static trial => trial.Error is not null)
            .Select(static trial => $"{Environment.NewLine}- trial {trial.Index}: {trial.Error}");
        return $"None of the {Trials.Count} trials of search '{Name}' has reported a finite '{config.Metric}', so none is the "
            + $"best. Mend what made them fail, and search again.{string.Concat(errors)}";
    }
}
