using Air.Orleans.Tune.Grains;

namespace Air.Orleans.Tune;

/// <summary>
/// The order in which a search takes its trials' reports, so that an activation that takes over comes to the same decisions:
/// each report gets a number, and what the saved state missed is taken again by number from the trials' journals. Not
/// thread-safe.
/// </summary>
internal sealed class ReportBook(TuneController controller, long sequence)
{
    // The report that each trial stands at, and those of its journal that it must catch up with first.
    private readonly Dictionary<int, (int Iteration, long Sequence)> entered = [];
    private readonly Dictionary<int, Queue<JournalEntry>> missed = [];

    /// <summary>Gives the number of the latest report.</summary>
    public long Sequence { get; private set; } = sequence;

    /// <summary>Gives whether the trial's report must wait: a decision on an earlier one is not made yet.</summary>
    public bool IsHeld(int trial) => !CanReport(trial) || missed.ContainsKey(trial);

    /// <summary>Takes the report of a trial that is not held, and gives the decision and the report's number.</summary>
    /// <exception cref="ArgumentException">The report is faulty. Nothing was recorded.</exception>
    public (Decision Decision, long Sequence) Take(
        int trial,
        int iteration,
        IReadOnlyDictionary<string, double> metrics
    )
    {
        var decision = controller.Report(trial, iteration, metrics);
        if (!entered.TryGetValue(trial, out var known) || known.Iteration != iteration)
        {
            entered[trial] = known = (iteration, ++Sequence);
        }

        return (decision, known.Sequence);
    }

    /// <summary>Takes those reports of running trials' journals that came after the saved state.</summary>
    /// <returns>How many there were.</returns>
    public int Replay(IEnumerable<(int Trial, JournalEntry Entry)> journals)
    {
        var saved = Sequence;
        var replayed = journals
            .Where(report => report.Entry.Sequence > saved)
            .OrderBy(static report => report.Entry.Sequence)
            .ToList();
        foreach (var (trial, entry) in replayed)
        {
            Sequence = entry.Sequence;
            missed.TryAdd(trial, []);
            missed[trial].Enqueue(entry);
            CatchUp();
        }

        controller.TakeResolved();
        return replayed.Count;
    }

    /// <summary>Gives the trials that need wait no longer, after anything was reported or has ended.</summary>
    public IReadOnlyCollection<int> TakeResolved()
    {
        var freed = controller.TakeResolved();
        if (freed.Count > 0)
        {
            CatchUp();
        }

        return [.. freed.Concat(controller.TakeResolved()).Select(static resolved => resolved.TrialIndex).Distinct()];
    }

    /// <summary>Forgets the reports of an attempt that has ended.</summary>
    public void Forget(int trial)
    {
        entered.Remove(trial);
        missed.Remove(trial);
    }

    private bool CanReport(int trial) => controller.Trials[trial].Decision.Kind != DecisionKind.Wait;

    // A trial whose decision hangs on a report that is to come again goes on with its journal after that.
    private void CatchUp()
    {
        while (missed.Keys.FirstOrDefault(CanReport, -1) is var trial and >= 0)
        {
            var entry = missed[trial].Dequeue();
            if (missed[trial].Count == 0)
            {
                missed.Remove(trial);
            }

            controller.Report(trial, entry.Iteration, entry.Metrics);
            entered[trial] = (entry.Iteration, entry.Sequence);
        }
    }
}
