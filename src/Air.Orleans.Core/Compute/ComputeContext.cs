namespace Air.Orleans.Core.Compute;

/// <summary>What work on a slot is given: when to stop, and where to tell how far it is. Used by the work's thread.</summary>
internal sealed class ComputeContext(ComputeWork work, CancellationToken cancellationToken)
{
    /// <summary>Is cancelled when the work is to stop; long work looks at it often.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>Tells how much is done, from 0 to 1, and what is being done. Cheap; watchers see the latest.</summary>
    public void Report(double fraction, string detail = "") => work.Tell(fraction, detail);
}
