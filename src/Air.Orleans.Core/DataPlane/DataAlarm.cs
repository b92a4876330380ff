namespace Air.Orleans.Core.DataPlane;

/// <summary>A time limit that is set anew for each step of one connection. Once it has run out, or its owner is cancelled, it stays so.</summary>
internal sealed class DataAlarm(CancellationToken owner) : IDisposable
{
    private readonly CancellationTokenSource _source = CancellationTokenSource.CreateLinkedTokenSource(owner);

    /// <summary>Whether the time ran out, and nobody cancelled.</summary>
    public bool HasRunOut => _source.IsCancellationRequested && !owner.IsCancellationRequested;

    /// <summary>Cancelled when so much time has passed from now.</summary>
    public CancellationToken Within(TimeSpan limit)
    {
        _source.CancelAfter(limit);
        return _source.Token;
    }

    /// <summary>The step is done: no time runs until the next one.</summary>
    public void Rest() => _source.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Dispose() => _source.Dispose();
}
