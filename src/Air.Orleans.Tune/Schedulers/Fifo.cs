namespace Air.Orleans.Tune;

/// <summary>Never stops a trial: each runs until it ends by itself, in the order of their numbers.</summary>
public sealed record Fifo : ITrialScheduler
{
    /// <inheritdoc/>
    public TrialScheduler Create(Mode mode, long seed) => new FifoScheduler();
}
