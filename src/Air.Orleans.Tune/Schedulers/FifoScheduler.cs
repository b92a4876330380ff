namespace Air.Orleans.Tune;

/// <summary>The scheduler of <see cref="Fifo"/>: it knows nothing and lets every trial go on.</summary>
internal sealed class FifoScheduler : TrialScheduler
{
    public override Decision OnReport(int trialIndex, int iteration, double value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(trialIndex);
        ArgumentOutOfRangeException.ThrowIfLessThan(iteration, 1);
        return Decision.Continue;
    }

    public override void OnEnd(int trialIndex) => ArgumentOutOfRangeException.ThrowIfNegative(trialIndex);

    public override string SaveState() => "{}";

    public override void LoadState(string state) => SavedState.Read<State>(state, "scheduler");

    private sealed record State;
}
