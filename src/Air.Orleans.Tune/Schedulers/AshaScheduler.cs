using System.Text.Json;

namespace Air.Orleans.Tune;

/// <summary>The scheduler of <see cref="Asha"/>, for settings without faults.</summary>
internal sealed class AshaScheduler : TrialScheduler
{
    private readonly Asha settings;
    private readonly Mode mode;
    private readonly long seed;
    private readonly double[] cumulativeOdds;
    private AshaRung[][] brackets;

    // Trial to the lowest rung it has not passed; a trial that has passed none is not in it.
    private SortedDictionary<int, int> nextRungs = [];
    private SortedDictionary<int, Decision> stops = [];
    private SortedSet<int> ended = [];

    // The highest trial known: none above it can be settled.
    private int highest = -1;

    public AshaScheduler(Asha settings, Mode mode, long seed)
    {
        this.settings = settings;
        this.mode = mode;
        this.seed = seed;
        brackets = [.. Enumerable.Range(0, settings.Brackets).Select(NewBracket)];
        var total = 0.0;
        cumulativeOdds = [.. brackets.Select(rungs => total += Math.Exp(rungs.Length - brackets[0].Length))];
    }

    public override Decision OnReport(int trialIndex, int iteration, double value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(trialIndex);
        ArgumentOutOfRangeException.ThrowIfLessThan(iteration, 1);
        if (stops.TryGetValue(trialIndex, out var stop))
        {
            return stop;
        }

        if (ended.Contains(trialIndex))
        {
            return Decision.Stop("the trial has ended before");
        }

        var rungs = brackets[BracketOf(trialIndex)];
        if (PendingAt(trialIndex, iteration, rungs) is { } pending)
        {
            return Decision.Wait(Unsettled(trialIndex, pending, rungs));
        }

        if (double.IsNaN(value))
        {
            return StopFor(trialIndex, Decision.Stop($"the value at iteration {iteration} is NaN"));
        }

        if (iteration >= settings.MaxIterations)
        {
            var reason = $"iteration {iteration} reached Asha.MaxIterations ({settings.MaxIterations})";
            return StopFor(trialIndex, Decision.Stop(reason, isBudgetSpent: true));
        }

        var rung = Array.FindLastIndex(rungs, candidate => candidate.Milestone <= iteration);
        return rung < NextRung(trialIndex) ? Decision.Continue : Enter(trialIndex, rung, value, rungs);
    }

    public override void OnEnd(int trialIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(trialIndex);
        ended.Add(trialIndex);
        highest = Math.Max(highest, trialIndex);
        Settle(BracketOf(trialIndex));
    }

    public override string SaveState() =>
        JsonSerializer.Serialize(
            new AshaState
            {
                Settings = settings,
                Mode = mode,
                Seed = seed,
                NextRungs = nextRungs,
                Stops = stops,
                Ended = ended,
                Brackets =
                [
                    .. brackets.Select(rungs =>
                        rungs
                            .Select(rung => new AshaState.Rung(
                                rung.Frontier,
                                [.. rung.Values.Keys],
                                [.. rung.Values.Values]
                            ))
                            .ToList()
                    ),
                ],
            },
            TuneJson.Options
        );

    public override void LoadState(string state)
    {
        var saved = SavedState.Read<AshaState>(state, "scheduler");
        if (saved.Settings != settings || saved.Mode != mode || saved.Seed != seed)
        {
            throw new ArgumentException(
                $"The saved scheduler state is of {saved.Settings}, mode {saved.Mode}, seed {saved.Seed}, but this search "
                    + $"has {settings}, mode {mode}, seed {seed}. Resume with the same TuneConfig.",
                nameof(state)
            );
        }

        brackets = [.. saved.Brackets.Select((rungs, bracket) => Restore(rungs, bracket))];
        (nextRungs, stops, ended) = (saved.NextRungs, saved.Stops, saved.Ended);
        highest = nextRungs.Keys.Concat(ended).DefaultIfEmpty(-1).Max();
    }

    internal int BracketOf(int trialIndex)
    {
        if (brackets.Length == 1)
        {
            return 0;
        }

        var draw = new SplitMix64(seed, trialIndex, "Asha.Brackets").NextDouble() * cumulativeOdds[^1];
        return Array.FindIndex(cumulativeOdds, odds => draw < odds);
    }

    private AshaRung[] NewBracket(int bracket) =>
        [.. settings.Milestones(bracket).Select(milestone => new AshaRung(milestone))];

    private AshaRung[] Restore(IReadOnlyList<AshaState.Rung> saved, int bracket)
    {
        var rungs = NewBracket(bracket);
        for (var i = 0; i < rungs.Length; i++)
        {
            rungs[i].Frontier = saved[i].Frontier;
            foreach (var (trial, value) in saved[i].Trials.Zip(saved[i].Values))
            {
                rungs[i].Values.Add(trial, value);
                if (!settings.Reproducible || trial < rungs[i].Frontier)
                {
                    rungs[i].AddPeer(Score(value));
                }
            }
        }

        return rungs;
    }

    private Decision Enter(int trialIndex, int rung, double value, AshaRung[] rungs)
    {
        rungs[rung].Values.Add(trialIndex, value);
        nextRungs[trialIndex] = rung + 1;
        highest = Math.Max(highest, trialIndex);
        if (!settings.Reproducible)
        {
            Judge(trialIndex, value, rungs[rung]);
        }

        Settle(BracketOf(trialIndex));
        return stops.TryGetValue(trialIndex, out var stop) ? stop
            : PendingAt(trialIndex, rungs[rung].Milestone, rungs) is { } pending
                ? Decision.Wait(Unsettled(trialIndex, pending, rungs))
            : Decision.Continue;
    }

    private Decision StopFor(int trialIndex, Decision stop)
    {
        stops[trialIndex] = stop;
        ended.Add(trialIndex);
        highest = Math.Max(highest, trialIndex);
        Settle(BracketOf(trialIndex));
        return stop;
    }

    private void Judge(int trialIndex, double value, AshaRung rung)
    {
        var score = Score(value);
        if (rung.PeerCount > 0 && !ended.Contains(trialIndex))
        {
            var cutoff = rung.Cutoff(settings.ReductionFactor);
            if (score < cutoff)
            {
                stops[trialIndex] = Decision.Stop(
                    $"value {value:R} at iteration {rung.Milestone} is worse than the cutoff {Score(cutoff):R}, the best "
                        + $"1/{settings.ReductionFactor} of {rung.PeerCount} trials"
                );
                ended.Add(trialIndex);
            }
        }

        rung.AddPeer(score);
    }

    // Reproducible decisions are made in the order of the trials' numbers. A stop at one rung settles the trial at all
    // rungs above and at none below, so one pass upwards does it.
    private void Settle(int bracket)
    {
        if (!settings.Reproducible)
        {
            return;
        }

        var rungs = brackets[bracket];
        for (var i = 0; i < rungs.Length; i++)
        {
            for (; rungs[i].Frontier <= highest && IsSettled(rungs[i].Frontier, i, bracket); rungs[i].Frontier++)
            {
                if (rungs[i].Values.TryGetValue(rungs[i].Frontier, out var value))
                {
                    Judge(rungs[i].Frontier, value, rungs[i]);
                }
            }
        }
    }

    private bool IsSettled(int trialIndex, int rung, int bracket) =>
        BracketOf(trialIndex) != bracket || NextRung(trialIndex) > rung || ended.Contains(trialIndex);

    // The rung whose decision the trial still waits for, if it stands at it.
    private int? PendingAt(int trialIndex, int iteration, AshaRung[] rungs)
    {
        var rung = NextRung(trialIndex) - 1;
        var isPending =
            settings.Reproducible
            && rung >= 0
            && rungs[rung].Frontier <= trialIndex
            && rungs[rung].Milestone <= iteration;
        return isPending ? rung : null;
    }

    private List<int> Unsettled(int trialIndex, int rung, AshaRung[] rungs)
    {
        var bracket = BracketOf(trialIndex);
        var first = rungs[rung].Frontier;
        return [.. Enumerable.Range(first, trialIndex - first).Where(other => !IsSettled(other, rung, bracket))];
    }

    private int NextRung(int trialIndex) => nextRungs.GetValueOrDefault(trialIndex);

    // Its own inverse: larger scores are better.
    private double Score(double value) => mode == Mode.Max ? value : -value;
}
