namespace Air.Orleans.Train.Collectives;

/// <summary>
/// A barrier that spins while the others are near, then sleeps. It can be aborted, and it tells those who wait when someone
/// will never come. Whether a barrier is passed or aborted is decided once, for all participants alike: nobody goes on with
/// the buffer of one who was led out by an error.
/// </summary>
internal sealed class SharedBarrier(int participants)
{
    /// <summary>About as long as two threads on two cores are apart; with fewer cores than participants nobody spins.</summary>
    private const int SpinLimit = 2000;

    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim[] _wake = [new(false, 0), new(false, 0)];
    private readonly bool _spin = Environment.ProcessorCount >= participants;
    private int _arrived;
    private int _generation;
    private volatile string? _aborted;
    private string? _left;

    /// <summary>Returns when all participants have called it.</summary>
    /// <exception cref="CollectiveAbortedException">The barrier was aborted, or a participant has left.</exception>
    public void Wait()
    {
        var generation = Volatile.Read(ref _generation);
        if (Interlocked.Increment(ref _arrived) == participants)
        {
            lock (_gate)
            {
                ThrowIfAborted();
                Pass(generation);
            }

            return;
        }

        if (Volatile.Read(ref _left) is { } left)
        {
            Abort(WhyNobodyComes(left));
        }

        if (!SpinUntilPast(generation) && _aborted is null)
        {
            _wake[generation & 1].Wait();
        }

        // Looked at after the abort: what was passed before it counts as passed, and nothing is passed after it.
        if (_aborted is not null && Volatile.Read(ref _generation) == generation)
        {
            ThrowIfAborted();
        }
    }

    /// <summary>
    /// Returns when all participants have called it, aborted or not: for the end of work on each other's buffers, which must
    /// stay where they are until the last has done with them. All who passed <see cref="Wait"/> must come.
    /// </summary>
    public void WaitToEnd()
    {
        var generation = Volatile.Read(ref _generation);
        if (Interlocked.Increment(ref _arrived) == participants)
        {
            lock (_gate)
            {
                Pass(generation);
            }

            return;
        }

        if (!SpinUntilPast(generation))
        {
            _wake[generation & 1].Wait();
        }

        // An abort has woken this thread too early; the others are not far.
        var spinner = new SpinWait();
        while (Volatile.Read(ref _generation) == generation)
        {
            spinner.SpinOnce();
        }
    }

    /// <exception cref="CollectiveAbortedException">The barrier was aborted.</exception>
    public void ThrowIfAborted()
    {
        if (_aborted is { } reason)
        {
            throw new CollectiveAbortedException(reason);
        }
    }

    /// <summary>A participant makes no further call.</summary>
    public void Leave(string what)
    {
        Interlocked.CompareExchange(ref _left, what, null);
        if (Volatile.Read(ref _arrived) > 0)
        {
            Abort(WhyNobodyComes(what));
        }
    }

    /// <summary>Wakes everyone with an error; the first reason counts.</summary>
    public void Abort(string reason)
    {
        lock (_gate)
        {
            _aborted ??= reason;
            _wake[0].Set();
            _wake[1].Set();
        }
    }

    private void Pass(int generation)
    {
        _arrived = 0;
        _wake[(generation + 1) & 1].Reset();
        Volatile.Write(ref _generation, generation + 1);
        _wake[generation & 1].Set();
    }

    private bool SpinUntilPast(int generation)
    {
        for (var i = 0; _spin && i < SpinLimit; i++)
        {
            if (Volatile.Read(ref _generation) != generation || _aborted is not null)
            {
                return true;
            }

            Thread.SpinWait(20);
        }

        return false;
    }

    private static string WhyNobodyComes(string left) =>
        $"{left}, and others go on: every worker must make the same calls and report equally often";
}
