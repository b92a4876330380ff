namespace Air.Orleans.Core.Resilience;

/// <summary>Wakes one who waits, at once or as soon as he waits again; several wakings in between are one. Thread-safe.</summary>
internal sealed class WakeSignal : IDisposable
{
    private readonly SemaphoreSlim _signal = new(0, 1);

    /// <summary>Wakes; also after the end of the one who would wait.</summary>
    public void Wake()
    {
        if (_signal.CurrentCount > 0)
        {
            return;
        }

        try
        {
            _signal.Release();
        }
        catch (Exception error) when (error is SemaphoreFullException or ObjectDisposedException)
        {
            // Somebody else woke him, or he waits no more.
        }
    }

    /// <summary>Ends when it is woken, or after <paramref name="atMost"/>; whether it was woken.</summary>
    public Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) =>
        _signal.WaitAsync(atMost, cancellationToken);

    public void Dispose() => _signal.Dispose();
}
