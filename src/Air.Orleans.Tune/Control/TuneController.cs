using System.Text.Json;

namespace Air.Orleans.Tune;

/// <summary>
/// Conducts one whole search: which trials to start, what each report leads to, and what is known of every trial. A pure
/// state machine: no clock, no thread, no input beside its arguments, so the same calls give the same answers; its whole
/// state is one JSON text. Not thread-safe.
/// </summary>
/// <remarks>
/// Whoever runs the trials calls <see cref="Start"/> when slots are free, <see cref="Report"/> for each report,
/// <see cref="Complete"/> or <see cref="Fail"/> when a trial has ended, and after each of the last three hands
/// <see cref="TakeResolved"/> to the trials that were told to wait. A repeated call (the reply was lost) does no harm. A
/// report of an earlier attempt of a trial must be kept away by the caller, who knows attempts by
/// <see cref="TrialRecord.Attempt"/>.
/// </remarks>
public sealed class TuneController
{
    private readonly TuneConfig config;
    private readonly IReadOnlyList<Domain> dimensions;
    private readonly ISearcher searcher;
    private readonly TrialScheduler scheduler;
    private readonly List<TrialRecord> trials = [];

    // Trials that hold a slot, of those the waiting ones, and trials that failed and are to be tried again.
    private readonly SortedSet<int> running = [];
    private readonly SortedSet<int> waiting = [];
    private readonly SortedSet<int> retries = [];
    private List<ResolvedDecision> resolved = [];
    private bool isExhausted;

    /// <summary>Makes the controller of a new search.</summary>
    /// <param name="config">How the search goes.</param>
    /// <param name="dimensions">The search space's dimensions.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The configuration has faults: the message lists all of them.</exception>
    public TuneController(TuneConfig config, IReadOnlyList<Domain> dimensions)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate(dimensions);
        this.config = config;
        this.dimensions = [.. dimensions];
        searcher = config.Searcher.Create(this.dimensions, config.Samples, config.Mode, config.Seed);
        scheduler = config.Scheduler.Create(config.Mode, config.Seed);
    }

    /// <summary>Gives all trials that were suggested so far; a trial's number is its index.</summary>
    public IReadOnlyList<TrialRecord> Trials => trials;

    /// <summary>Gives how many trials the search will have, or <see langword="null"/> where the searcher does not know.</summary>
    public int? TrialCount => searcher.TrialCount;

    /// <summary>Gives how many trials hold a slot.</summary>
    public int RunningCount => running.Count;

    /// <summary>
    /// Gives whether nothing runs and nothing is left to start. Where the searcher does not know its number of trials,
    /// that is known only after a <see cref="Start"/> with a free slot.
    /// </summary>
    public bool IsFinished =>
        (isExhausted || searcher.TrialCount <= trials.Count) && running.Count == 0 && retries.Count == 0;

    /// <summary>Gives the best trial by the configuration's metric, mode and scope.</summary>
    /// <value><see langword="null"/> while no trial has reported a finite value.</value>
    public TrialRecord? Best => BestBy(config.BestScope);

    /// <summary>Goes on with a search from its saved state.</summary>
    /// <param name="config">
    /// The configuration of the search. Limits and <see cref="TuneConfig.Samples"/> may differ: more samples extend it.
    /// </param>
    /// <param name="dimensions">The search space's dimensions, the same as before.</param>
    /// <param name="state">What <see cref="SaveState"/> gave.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">
    /// The configuration has faults, the text is no such state, or the state is of another metric, mode, seed, space or
    /// scheduler.
    /// </exception>
    public static TuneController Load(TuneConfig config, IReadOnlyList<Domain> dimensions, string state)
    {
        var controller = new TuneController(config, dimensions);
        controller.Restore(SavedState.Read<TuneControllerState>(state, "search"));
        return controller;
    }

    /// <summary>Gives the whole state as one JSON text.</summary>
    public string SaveState() =>
        JsonSerializer.Serialize(
            new TuneControllerState
            {
                Metric = config.Metric,
                Mode = config.Mode,
                Seed = config.Seed,
                Dimensions = dimensions,
                Trials = trials,
                Resolved = resolved,
                Searcher = searcher.SaveState(),
                Scheduler = scheduler.SaveState(),
            },
            TuneJson.Options
        );

    /// <summary>
    /// Starts trials in free slots: first those that failed and are tried again, then new ones, each by rising number.
    /// </summary>
    /// <param name="freeSlots">How many slots are free, at least 0.</param>
    /// <returns>The trials started, at most <paramref name="freeSlots"/> and within <see cref="TuneConfig.MaxConcurrent"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="freeSlots"/> is negative.</exception>
    public IReadOnlyList<TrialRecord> Start(int freeSlots)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(freeSlots);
        var room = config.MaxConcurrent == 0 ? freeSlots : Math.Min(freeSlots, config.MaxConcurrent - running.Count);
        var started = new List<TrialRecord>();
        while (started.Count < room && NextTrial() is { } index)
        {
            retries.Remove(index);
            running.Add(index);
            trials[index] = trials[index] with { State = TrialState.Running, Decision = Decision.Continue };
            started.Add(trials[index]);
        }

        return started;
    }

    /// <summary>Takes a report and gives what the trial shall do; the same report again gives the same decision.</summary>
    /// <param name="trialIndex">The trial's number.</param>
    /// <param name="iteration">
    /// How many iterations the trial has done, at least 1. One that was reported before replaces the history from there on.
    /// </param>
    /// <param name="metrics">Metric name to value; the configuration's metric must be among them. Copied.</param>
    /// <returns>The decision; a stop for a trial that does not run, with its state as the reason.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such trial, or the iteration is below 1.</exception>
    /// <exception cref="ArgumentException">The metric is not among the metrics. Nothing was recorded.</exception>
    /// <exception cref="InvalidOperationException">The trial was told to wait and reports another iteration.</exception>
    public Decision Report(int trialIndex, int iteration, IReadOnlyDictionary<string, double> metrics)
    {
        var trial = Find(trialIndex);
        ArgumentOutOfRangeException.ThrowIfLessThan(iteration, 1);
        ArgumentNullException.ThrowIfNull(metrics);
        var value = MetricOf(metrics, trialIndex, iteration);
        if (trial.State != TrialState.Running)
        {
            return trial.Decision.Kind == DecisionKind.Stop
                ? trial.Decision
                : Decision.Stop($"trial {trialIndex} is {trial.State}, not Running");
        }

        if (trial.Decision.Kind == DecisionKind.Stop)
        {
            return trial.Decision;
        }

        if (waiting.Contains(trialIndex) && trial.Reports[^1].Iteration != iteration)
        {
            throw new InvalidOperationException(
                $"Trial {trialIndex} reported iteration {iteration}, but was told at iteration "
                    + $"{trial.Reports[^1].Iteration} to wait for trials {string.Join(", ", trial.Decision.WaitsFor)}. "
                    + "Hold the trial until TakeResolved names it."
            );
        }

        return Record(trial, new TrialReport(iteration, new Dictionary<string, double>(metrics)), value);
    }

    /// <summary>Records that a trial has ended in good order: by itself, or because it was told to stop.</summary>
    /// <param name="trialIndex">The trial's number.</param>
    /// <param name="stopReason">Why somebody else than the scheduler stopped it, if so: it then ends as stopped.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such trial.</exception>
    /// <exception cref="InvalidOperationException">The trial waits for a start.</exception>
    public void Complete(int trialIndex, string? stopReason = null)
    {
        var trial = Find(trialIndex);
        if (trial.State == TrialState.Running)
        {
            var isToldNow = trial.Decision.Kind != DecisionKind.Stop;
            var told = stopReason is { } why && isToldNow ? trial with { Decision = Decision.Stop(why) } : trial;
            End(told with { State = EndState(told) });
        }
        else if (trial.State == TrialState.Pending)
        {
            throw new InvalidOperationException(
                $"Trial {trialIndex} is Pending, but only a running trial can complete. Start it first."
            );
        }
    }

    /// <summary>
    /// Records that a running trial failed. It is tried again while <see cref="TuneConfig.MaxFailures"/> allows; otherwise
    /// it ends with its error. Other trials go on. A trial that had been told to stop ends as stopped.
    /// </summary>
    /// <param name="trialIndex">The trial's number.</param>
    /// <param name="error">What happened, in words; kept in <see cref="TrialRecord.Error"/>.</param>
    /// <returns>Whether the trial will be started again.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such trial.</exception>
    /// <exception cref="ArgumentException"><paramref name="error"/> is blank.</exception>
    public bool Fail(int trialIndex, string error)
    {
        var trial = Find(trialIndex);
        ArgumentException.ThrowIfNullOrWhiteSpace(error);
        if (trial.State != TrialState.Running)
        {
            return trial.State == TrialState.Pending;
        }

        var failed = trial with { Error = error, FailureCount = trial.FailureCount + 1 };
        if (trial.Decision.Kind == DecisionKind.Stop)
        {
            End(failed with { State = EndState(trial) });
            return false;
        }

        if (config.MaxFailures >= 0 && failed.FailureCount > config.MaxFailures)
        {
            End(failed with { State = TrialState.Failed, Decision = Decision.Continue });
            return false;
        }

        trials[trialIndex] = failed with { State = TrialState.Pending, Decision = Decision.Continue };
        Release(trialIndex);
        retries.Add(trialIndex);
        return true;
    }

    /// <summary>
    /// Takes the slot from the highest trial that waits for others, above <paramref name="below"/>: one of those it waits for needs it.
    /// Once it is decided that it goes on, it is started again, before new ones, when a slot is free, from its latest checkpoint.
    /// </summary>
    /// <param name="below">The number of a running trial that has no resources.</param>
    /// <returns>The trial as it was while it ran; <see langword="null"/> where none waits.</returns>
    public TrialRecord? Pause(int below)
    {
        var index = waiting.LastOrDefault(running.Contains, -1);
        if (index <= below)
        {
            return null;
        }

        // It still waits for its decision, which may end it.
        var paused = trials[index];
        trials[index] = paused with { State = TrialState.Pending, PauseCount = paused.PauseCount + 1 };
        running.Remove(index);
        retries.Add(index);
        return paused;
    }

    /// <summary>
    /// Gives the decisions on trials that had been told to wait, made since the last call, by the order they were made.
    /// <see cref="TrialRecord.Decision"/> keeps each, so that a trial which missed it can ask again.
    /// </summary>
    public IReadOnlyList<ResolvedDecision> TakeResolved()
    {
        var taken = resolved;
        resolved = [];
        return taken;
    }

    /// <summary>Gives the best trial by the configuration's metric and mode, over trials of every state.</summary>
    /// <param name="scope">Which of a trial's reports counts. NaN and infinite values never do.</param>
    /// <returns>The best, of equals the one with the lowest number; <see langword="null"/> when none has reported.</returns>
    public TrialRecord? BestBy(BestScope scope)
    {
        TrialRecord? best = null;
        var bestScore = double.NegativeInfinity;
        foreach (var trial in trials)
        {
            var counted = scope == BestScope.All ? trial.Reports : trial.Reports.TakeLast(1);
            foreach (var score in counted.Select(report => Score(report.Metrics[config.Metric])).Where(double.IsFinite))
            {
                if (score > bestScore)
                {
                    (best, bestScore) = (trial, score);
                }
            }
        }

        return best;
    }

    private static TrialState EndState(TrialRecord trial) =>
        trial.Decision is { Kind: DecisionKind.Stop, IsBudgetSpent: false } ? TrialState.Stopped : TrialState.Completed;

    private double Score(double value) => config.Mode == Mode.Max ? value : -value;

    private int? NextTrial()
    {
        if (retries.FirstOrDefault(index => !waiting.Contains(index), -1) is var again and >= 0)
        {
            return again;
        }

        if (isExhausted || searcher.Suggest(trials.Count) is not { } configuration)
        {
            isExhausted = true;
            return null;
        }

        trials.Add(new TrialRecord { Index = trials.Count, Configuration = configuration });
        return trials.Count - 1;
    }

    private TrialRecord Find(int trialIndex)
    {
        if (trialIndex < 0 || trialIndex >= trials.Count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(trialIndex),
                trialIndex,
                $"There is no trial {trialIndex}: {trials.Count} were started so far, numbered from 0."
            );
        }

        return trials[trialIndex];
    }

    private double MetricOf(IReadOnlyDictionary<string, double> metrics, int trialIndex, int iteration) =>
        metrics.TryGetValue(config.Metric, out var value)
            ? value
            : throw new ArgumentException(
                $"Metric '{config.Metric}' is not in the report of trial {trialIndex} at iteration {iteration} (reported: "
                    + $"{NameSuggestion.List(metrics.Keys)}). Report it, or change TuneConfig.Metric."
                    + NameSuggestion.For(config.Metric, metrics.Keys),
                nameof(metrics)
            );

    private Decision Record(TrialRecord trial, TrialReport report, double value)
    {
        // A trial restored from a checkpoint repeats iterations: what it reports now replaces what it reported then.
        var history = trial.Reports;
        if (!history.IsEmpty && history[^1].Iteration >= report.Iteration)
        {
            history = history.RemoveAll(earlier => earlier.Iteration >= report.Iteration);
        }

        var decision = scheduler.OnReport(trial.Index, report.Iteration, value);
        trials[trial.Index] = trial with { Reports = history.Add(report), Decision = decision };
        _ = decision.Kind == DecisionKind.Wait ? waiting.Add(trial.Index) : waiting.Remove(trial.Index);
        Observe(trials[trial.Index]);
        Resolve(trial.Index);
        return decision;
    }

    private void End(TrialRecord ended)
    {
        trials[ended.Index] = ended;
        Release(ended.Index);
        scheduler.OnEnd(ended.Index);
        Observe(ended);
        Resolve(ended.Index);
    }

    // A decision that a trial did not live to hear is not handed out any more.
    private void Release(int trialIndex)
    {
        running.Remove(trialIndex);
        waiting.Remove(trialIndex);
        resolved.RemoveAll(entry => entry.TrialIndex == trialIndex);
    }

    private void Observe(TrialRecord trial)
    {
        var last = trial.Reports.IsEmpty ? null : trial.Reports[^1];
        searcher.Observe(
            new Observation(
                trial.Index,
                trial.Configuration,
                last?.Iteration ?? 0,
                last?.Metrics[config.Metric] ?? double.NaN,
                trial.State
            )
        );
    }

    // What one trial did may decide on others that wait; the scheduler is asked anew about each of them.
    private void Resolve(int cause)
    {
        foreach (var index in waiting.Where(index => index != cause).ToList())
        {
            if (!waiting.Contains(index))
            {
                continue;
            }

            var last = trials[index].Reports[^1];
            var decision = scheduler.OnReport(index, last.Iteration, last.Metrics[config.Metric]);
            trials[index] = trials[index] with { Decision = decision };
            if (decision.Kind != DecisionKind.Wait && !running.Contains(index))
            {
                EndWait(index, decision);
            }
            else if (decision.Kind != DecisionKind.Wait)
            {
                waiting.Remove(index);
                resolved.Add(new ResolvedDecision(index, decision));
            }
        }
    }

    // A trial that was paused hears its decision without running.
    private void EndWait(int index, Decision decision)
    {
        waiting.Remove(index);
        if (decision.Kind == DecisionKind.Stop)
        {
            retries.Remove(index);
            End(trials[index] with { State = EndState(trials[index]) });
            resolved.Add(new ResolvedDecision(index, decision));
        }
    }

    private void Restore(TuneControllerState state)
    {
        var sameSpace =
            JsonSerializer.Serialize(state.Dimensions, TuneJson.Options)
            == JsonSerializer.Serialize(dimensions, TuneJson.Options);
        if (state.Metric != config.Metric || state.Mode != config.Mode || state.Seed != config.Seed || !sameSpace)
        {
            throw new ArgumentException(
                $"The saved search has metric '{state.Metric}', mode {state.Mode}, seed {state.Seed}, but this one has metric "
                    + $"'{config.Metric}', mode {config.Mode}, seed {config.Seed}{(sameSpace ? "" : ", and another search space")}. "
                    + "Resume with the same TuneConfig and SearchSpace, or start a new search."
            );
        }

        searcher.LoadState(state.Searcher);
        scheduler.LoadState(state.Scheduler);
        trials.AddRange(state.Trials);
        resolved = [.. state.Resolved];
        foreach (var trial in trials)
        {
            _ = trial.State switch
            {
                TrialState.Running => running.Add(trial.Index),
                TrialState.Pending => retries.Add(trial.Index),
                _ => false,
            };
            if (trial is { State: TrialState.Running or TrialState.Pending, Decision.Kind: DecisionKind.Wait })
            {
                waiting.Add(trial.Index);
            }
        }
    }
}
