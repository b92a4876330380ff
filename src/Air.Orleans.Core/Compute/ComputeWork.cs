using System.Runtime.CompilerServices;

namespace Air.Orleans.Core.Compute;

/// <summary>A piece of work on the slots, from outside: watched, awaited, cancelled. Thread-safe.</summary>
internal abstract class ComputeWork
{
    /// <summary>The longest time between two items of <see cref="WatchAsync"/>; far below the time a grain call may take.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop;
    private readonly TimeProvider _time;
    private TaskCompletionSource _changed = NewSignal();
    private ComputeProgress _progress;

    private protected ComputeWork(string name, TimeProvider time, CancellationToken cancellationToken)
    {
        _time = time;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _progress = new ComputeProgress(name, ComputeState.Queued, time.GetUtcNow(), null, "");
        Context = new ComputeContext(this, _stop.Token);
    }

    /// <summary>Where it stands now.</summary>
    public ComputeProgress Progress
    {
        get
        {
            lock (_gate)
            {
                return _progress;
            }
        }
    }

    /// <summary>Ends as the work does.</summary>
    public abstract Task Ended { get; }

    private protected ComputeContext Context { get; }

    /// <summary>
    /// Where it stands, now and after every change, and every <see cref="Heartbeat"/> where nothing changes; the last item is its end.
    /// </summary>
    public async IAsyncEnumerable<ComputeProgress> WatchAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        while (true)
        {
            var (progress, changed) = Look();
            yield return progress;
            if (progress.State == ComputeState.Ended)
            {
                yield break;
            }

            using var waking = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(changed, Task.Delay(Heartbeat, _time, waking.Token));
            await waking.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>
    /// Tells the work to stop, and waits for its end as long as <paramref name="grace"/>. False where it goes on nevertheless: it is then
    /// listed as overdue until it ends.
    /// </summary>
    public async Task<bool> CancelAsync(TimeSpan grace)
    {
        Cancel();
        if (!Ended.IsCompleted)
        {
            using var waking = new CancellationTokenSource();
            await Task.WhenAny(Ended, Task.Delay(grace, _time, waking.Token));
            await waking.CancelAsync();
        }

        lock (_gate)
        {
            if (_progress.State == ComputeState.Running && !Ended.IsCompleted)
            {
                Change(_progress with { State = ComputeState.Overdue });
            }
        }

        return Ended.IsCompleted;
    }

    /// <summary>Tells the work to stop, and waits for nothing. Queued work ends at once.</summary>
    public void Cancel()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended.
        }

        if (TryLeave(ComputeState.Queued))
        {
            EndCancelled();
        }
    }

    /// <summary>Runs the work on the thread that calls, unless it was cancelled before.</summary>
    public void Run()
    {
        lock (_gate)
        {
            if (_progress.State != ComputeState.Queued)
            {
                return;
            }

            Change(_progress with { State = ComputeState.Running, Since = _time.GetUtcNow() });
        }

        var end = Compute();
        lock (_gate)
        {
            Change(_progress with { State = ComputeState.Ended });
        }

        end();
        _stop.Dispose();
    }

    internal void Tell(double fraction, string detail)
    {
        lock (_gate)
        {
            Change(_progress with { Fraction = fraction, Detail = detail });
        }
    }

    /// <summary>Does the work, and gives what tells its end.</summary>
    private protected abstract Action Compute();

    private protected abstract void EndCancelled();

    private bool TryLeave(ComputeState state)
    {
        lock (_gate)
        {
            if (_progress.State != state)
            {
                return false;
            }

            Change(_progress with { State = ComputeState.Ended });
            return true;
        }
    }

    private (ComputeProgress Progress, Task Changed) Look()
    {
        lock (_gate)
        {
            return (_progress, _changed.Task);
        }
    }

    private void Change(ComputeProgress progress)
    {
        _progress = progress;
        var signal = _changed;
        _changed = NewSignal();
        signal.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <inheritdoc/>
internal sealed class ComputeWork<T>(
    string name,
    Func<ComputeContext, T> work,
    TimeProvider time,
    CancellationToken cancellationToken
) : ComputeWork(name, time, cancellationToken)
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The result of the work, or its error.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<T> Completion => _done.Task;

    public override Task Ended => _done.Task;

    private protected override Action Compute()
    {
        try
        {
            var result = work(Context);
            return () => _done.TrySetResult(result);
        }
        catch (OperationCanceledException cancelled)
        {
            return () => _done.TrySetCanceled(cancelled.CancellationToken);
        }
        catch (Exception error)
        {
            return () => _done.TrySetException(error);
        }
    }

    private protected override void EndCancelled() => _done.TrySetCanceled(Context.CancellationToken);
}
