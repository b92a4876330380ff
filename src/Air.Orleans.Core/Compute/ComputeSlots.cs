using System.Collections.Concurrent;

namespace Air.Orleans.Core.Compute;

/// <summary>
/// The threads on which a silo computes: as many as its CPU resource says, dedicated, below normal priority, so that
/// grain turns on the thread pool are answered while every core is busy. A grain starts work here, awaits it and may
/// cancel it; nothing is ever computed inside a turn.
/// </summary>
internal sealed class ComputeSlots : IDisposable
{
    private readonly BlockingCollection<Action> _queue = [];
    private readonly Thread[] _threads;

    public ComputeSlots(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _threads = new Thread[count];
        for (var i = 0; i < count; i++)
        {
            _threads[i] = new Thread(Work)
            {
                IsBackground = true,
                Priority = ThreadPriority.BelowNormal,
                Name = $"air-slot-{i}",
            };
            _threads[i].Start();
        }
    }

    /// <summary>How many pieces of work run at the same time.</summary>
    public int Count => _threads.Length;

    /// <summary>Runs <paramref name="work"/> on a slot, first come first served, and gives its result.</summary>
    /// <exception cref="ObjectDisposedException">The silo is stopping.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before the work began, or within it.</exception>
    public Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken = default)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        ObjectDisposedException.ThrowIf(_queue.IsAddingCompleted, this);
        _queue.Add(
            () =>
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    done.TrySetCanceled(cancellationToken);
                    return;
                }

                try
                {
                    done.TrySetResult(work());
                }
                catch (OperationCanceledException cancelled)
                {
                    done.TrySetCanceled(cancelled.CancellationToken);
                }
                catch (Exception error)
                {
                    done.TrySetException(error);
                }
            },
            cancellationToken
        );
        return done.Task;
    }

    /// <summary>Takes no more work; what was queued is still done by the threads, which then end.</summary>
    public void Dispose() => _queue.CompleteAdding();

    private void Work()
    {
        foreach (var work in _queue.GetConsumingEnumerable())
        {
            work();
        }
    }
}
