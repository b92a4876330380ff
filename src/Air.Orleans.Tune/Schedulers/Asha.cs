namespace Air.Orleans.Tune;

/// <summary>
/// Asynchronous successive halving (Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning",
/// arXiv:1810.05934, Algorithm 2) in its stopping form, as in Ray's AsyncHyperBand scheduler: when a trial reaches a rung it
/// is compared with the values recorded there before, and stopped unless it is among their best 1/<see cref="ReductionFactor"/>.
/// </summary>
/// <remarks>
/// It departs from Algorithm 2 in that no trial is paused at a rung and promoted later: a trial that is not stopped goes
/// straight on, the first at a rung always passes, and a stopped trial never comes back. The cutoff is the percentile
/// 100 (1 - 1/<see cref="ReductionFactor"/>) of the recorded values, interpolated linearly; a tie passes. It departs from
/// Ray in three points: rungs are computed in whole numbers, so that rounding loses none; a trial that jumps over rungs
/// is recorded only at the highest one it reached, never later at those it jumped; and a NaN stops the trial.
/// </remarks>
public sealed record Asha : ITrialScheduler
{
    /// <summary>Gives the iteration at which a trial has had its whole budget and is ended.</summary>
    /// <value>100.</value>
    public int MaxIterations { get; init; } = 100;

    /// <summary>Gives the first rung's iteration: no trial is stopped before it.</summary>
    /// <value>1.</value>
    public int GracePeriod { get; init; } = 1;

    /// <summary>Gives by what factor rungs lie apart, and that one of this many trials passes each. At least 2.</summary>
    /// <value>4.</value>
    public int ReductionFactor { get; init; } = 4;

    /// <summary>
    /// Gives how many brackets there are: bracket s leaves out the s lowest rungs. A trial's bracket is drawn by
    /// (seed, trial) with a probability proportional to e^(number of rungs), as in Ray.
    /// </summary>
    /// <value>1.</value>
    public int Brackets { get; init; } = 1;

    /// <summary>
    /// Gives whether decisions are free of timing: a trial at a rung is then compared with lower-numbered trials of its
    /// bracket only, and waits until each of these has passed that rung or has ended. The same seed then stops the same
    /// trials for the same reasons on any number of slots. The price is waiting, with the slot held. Nothing can wait for
    /// ever as long as lower-numbered trials are given slots first, for a trial waits only for these.
    /// </summary>
    /// <value><see langword="false"/>: a trial never waits, and is compared with what was recorded before it came.</value>
    public bool Reproducible { get; init; }

    /// <summary>Gives the rungs of one bracket: GracePeriod × ReductionFactor^(bracket + k), up to MaxIterations.</summary>
    /// <param name="bracket">The bracket, 0-based.</param>
    /// <returns>The iterations of the rungs, rising.</returns>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such bracket.</exception>
    public IReadOnlyList<int> Milestones(int bracket = 0)
    {
        FaultList.ThrowIfAny(nameof(Asha), FindFaults());
        ArgumentOutOfRangeException.ThrowIfNegative(bracket);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(bracket, Brackets);
        return [.. AllMilestones().Skip(bracket)];
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public TrialScheduler Create(Mode mode, long seed)
    {
        FaultList.ThrowIfAny(nameof(Asha), FindFaults());
        return new AshaScheduler(this, mode, seed);
    }

    /// <inheritdoc/>
    public IEnumerable<string> FindFaults()
    {
        var faults = new List<string>();
        if (GracePeriod < 1)
        {
            faults.Add($"Asha.GracePeriod is {GracePeriod}, but the first rung is at iteration 1 or later. Raise it.");
        }

        if (MaxIterations < Math.Max(1, GracePeriod))
        {
            faults.Add(
                $"Asha.MaxIterations is {MaxIterations}, but must be at least GracePeriod ({GracePeriod}). Raise "
                    + "MaxIterations or lower GracePeriod."
            );
        }

        if (ReductionFactor < 2)
        {
            faults.Add($"Asha.ReductionFactor is {ReductionFactor}, but must be at least 2. Raise it; 4 is usual.");
        }

        if (Brackets < 1)
        {
            faults.Add($"Asha.Brackets is {Brackets}, but must be at least 1. Raise it.");
        }
        else if (faults.Count == 0 && Brackets > AllMilestones().Count())
        {
            faults.Add(
                $"Asha.Brackets is {Brackets}, but there are only {AllMilestones().Count()} rungs "
                    + $"({string.Join(", ", AllMilestones())}) and each bracket leaves one out. Lower Brackets or raise "
                    + "MaxIterations."
            );
        }

        return faults;
    }

    private IEnumerable<int> AllMilestones()
    {
        for (long milestone = GracePeriod; milestone <= MaxIterations; milestone *= ReductionFactor)
        {
            yield return (int)milestone;
        }
    }
}
