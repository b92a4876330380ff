using System.Text.Json.Serialization;

namespace Air.Orleans.Tune;

/// <summary>How a search goes: what is better, how much is tried, and what ends a trial early. JSON-serialisable.</summary>
public sealed record TuneConfig
{
    /// <summary>Gives the name of the reported metric that trials are compared by.</summary>
    public required string Metric { get; init; }

    /// <summary>Gives which direction of the metric is better.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<Mode>))]
    public required Mode Mode { get; init; }

    /// <summary>Gives how often the whole grid is repeated; without grid dimensions, the number of trials.</summary>
    /// <value>1.</value>
    public int Samples { get; init; } = 1;

    /// <summary>Gives how many trials run at once at most.</summary>
    /// <value>0: as many as the resources allow.</value>
    public int MaxConcurrent { get; init; }

    /// <summary>Gives what ends bad trials early.</summary>
    /// <value><see cref="Fifo"/>: nothing does.</value>
    public ITrialScheduler Scheduler { get; init; } = new Fifo();

    /// <summary>Gives what chooses the trials' configurations.</summary>
    /// <value><see cref="RandomSearch"/>: grids crossed, all else drawn.</value>
    public ISearchAlgorithm Searcher { get; init; } = new RandomSearch();

    /// <summary>Gives the seed of all draws of the search.</summary>
    /// <value>0: a search repeats itself unless it is given another seed.</value>
    public long Seed { get; init; }

    /// <summary>Gives how often one trial may fail and be tried again; -1 sets no limit.</summary>
    /// <value>0: the first failure is final for that trial. Other trials go on in any case.</value>
    public int MaxFailures { get; init; }

    /// <summary>Gives which of a trial's reports counts when the best trial is chosen.</summary>
    /// <value><see cref="BestScope.Last"/>.</value>
    public BestScope BestScope { get; init; } = BestScope.Last;

    /// <summary>Checks the configuration as a whole, together with the dimensions to search.</summary>
    /// <param name="dimensions">The search space's dimensions.</param>
    /// <exception cref="ArgumentNullException"><paramref name="dimensions"/> is null.</exception>
    /// <exception cref="ArgumentException">There are faults: the message lists all of them.</exception>
    public void Validate(IReadOnlyList<Domain> dimensions)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        FaultList.ThrowIfAny(nameof(TuneConfig), FindFaults(dimensions));
    }

    private IEnumerable<string> FindFaults(IReadOnlyList<Domain> dimensions)
    {
        if (string.IsNullOrWhiteSpace(Metric))
        {
            yield return "TuneConfig.Metric is empty, but must name a metric that the trials report. Set it.";
        }

        if (!Enum.IsDefined(Mode))
        {
            yield return $"TuneConfig.Mode is {Mode}, but must be Min or Max. Set one of them.";
        }

        if (!Enum.IsDefined(BestScope))
        {
            yield return $"TuneConfig.BestScope is {BestScope}, but must be Last or All. Set one of them.";
        }

        if (MaxConcurrent < 0)
        {
            yield return $"TuneConfig.MaxConcurrent is {MaxConcurrent}, but must be 0 (as resources allow) or more. Raise it.";
        }

        if (MaxFailures < -1)
        {
            yield return $"TuneConfig.MaxFailures is {MaxFailures}, but must be -1 (no limit) or more. Raise it.";
        }

        foreach (var repeated in dimensions.GroupBy(domain => domain.Name).Where(group => group.Count() > 1))
        {
            yield return $"Dimension '{repeated.Key}' is given {repeated.Count()} times, but must be given once. Remove the others.";
        }

        // The interfaces are nullable in JSON and to callers without null checks.
        IEnumerable<string> plugged =
        [
            .. Scheduler is null ? ["TuneConfig.Scheduler is null. Use Fifo to stop nothing."] : Scheduler.FindFaults(),
            .. Searcher is null
                ? ["TuneConfig.Searcher is null. Use RandomSearch to draw."]
                : Searcher.FindFaults(dimensions, Samples),
        ];
        foreach (var fault in plugged)
        {
            yield return fault;
        }
    }
}
