namespace Air.Orleans.Tune;

/// <summary>
/// Decides after each report whether a trial goes on. A pure state machine: no clock, no input beside its arguments. Not
/// thread-safe.
/// </summary>
public abstract class TrialScheduler
{
    /// <summary>
    /// Gives the decision on a report. Asking again with the same report changes nothing and gives the decision as it then
    /// is: that is how a waiting trial learns of its end, and why a repeated message does no harm.
    /// </summary>
    /// <param name="trialIndex">The trial's number, 0-based.</param>
    /// <param name="iteration">How many iterations the trial has done, at least 1.</param>
    /// <param name="value">The metric at that iteration; NaN is allowed.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="trialIndex"/> is negative, or <paramref name="iteration"/> is below 1.
    /// </exception>
    public abstract Decision OnReport(int trialIndex, int iteration, double value);

    /// <summary>Takes note that a trial has ended for good, however it ended. Telling it twice does no harm.</summary>
    /// <param name="trialIndex">The trial's number, 0-based.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="trialIndex"/> is negative.</exception>
    public abstract void OnEnd(int trialIndex);

    /// <summary>Gives all that the scheduler knows, as JSON.</summary>
    public abstract string SaveState();

    /// <summary>Takes up what <see cref="SaveState"/> of a scheduler with the same settings, mode and seed gave.</summary>
    /// <param name="state">The JSON text.</param>
    /// <exception cref="ArgumentException">The state is not of such a scheduler.</exception>
    public abstract void LoadState(string state);
}
