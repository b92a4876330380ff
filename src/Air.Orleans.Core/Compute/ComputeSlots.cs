using System.Collections.Concurrent;

namespace Air.Orleans.Core.Compute;

/// <summary>
/// Threads that compute: dedicated and below normal priority, so that grain turns on the thread pool are answered while every core is
/// busy. Work comes first in, first out. A grain starts it through <see cref="GrainCompute"/>, which ends it with the grain; nothing is
/// ever computed inside a turn. Thread-safe.
/// </summary>
internal sealed class ComputeSlots : IDisposable
{
    private readonly BlockingCollection<ComputeWork> _queue = [];
    private readonly ConcurrentDictionary<ComputeWork, byte> _known = new();
    private readonly Thread[] _threads;
    private readonly TimeProvider _time;

    /// <summary>Starts <paramref name="count"/> threads whose names begin with <paramref name="name"/>.</summary>
    public ComputeSlots(int count, TimeProvider time, string name = "air-slot")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _time = time;
        _threads = new Thread[count];
        for (var i = 0; i < count; i++)
        {
            _threads[i] = new Thread(Work)
            {
                IsBackground = true,
                Priority = ThreadPriority.BelowNormal,
                Name = $"{name}-{i}",
            };
            _threads[i].Start();
        }
    }

    /// <summary>How many pieces of work run at the same time.</summary>
    public int Count => _threads.Length;

    /// <summary>What is on the slots and what waits for one, that which came first at the top.</summary>
    public IReadOnlyList<ComputeProgress> Describe() =>
        [
            .. _known
                .Keys.Select(static work => work.Progress)
                .Where(static progress => progress.State != ComputeState.Ended)
                .OrderBy(static progress => progress.State == ComputeState.Queued)
                .ThenBy(static progress => progress.Since),
        ];

    /// <summary>Queues work for a slot.</summary>
    /// <param name="name">What it is, for whoever looks at the slots.</param>
    /// <param name="work">Computes; looks at its context's token where it lasts.</param>
    /// <param name="cancellationToken">Tells the work to stop; queued work ends at once.</param>
    /// <exception cref="ObjectDisposedException">The silo is stopping.</exception>
    public ComputeWork<T> Start<T>(
        string name,
        Func<ComputeContext, T> work,
        CancellationToken cancellationToken = default
    )
    {
        var started = new ComputeWork<T>(name, work, _time, cancellationToken);
        _known.TryAdd(started, 0);
        try
        {
            _queue.Add(started, CancellationToken.None);
        }
        catch (Exception error) when (error is InvalidOperationException)
        {
            _known.TryRemove(started, out _);
            throw new ObjectDisposedException($"The silo is stopping; '{name}' is not begun.", error);
        }

        if (cancellationToken.CanBeCanceled)
        {
            var registration = cancellationToken.UnsafeRegister(static work => ((ComputeWork)work!).Cancel(), started);
            _ = started.Ended.ContinueWith(
                (_, held) => ((CancellationTokenRegistration)held!).Dispose(),
                registration,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
        }

        return started;
    }

    /// <summary>Queues work for a slot and gives its result.</summary>
    /// <exception cref="ObjectDisposedException">The silo is stopping.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before the work began, or within it.</exception>
    public async Task<T> RunAsync<T>(
        string name,
        Func<ComputeContext, T> work,
        CancellationToken cancellationToken = default
    ) => await Start(name, work, cancellationToken).Completion;

    /// <summary>
    /// Takes no more work, tells all there is to stop, and waits for its end. Gives what has not obeyed within
    /// <paramref name="limit"/>, which is then overdue.
    /// </summary>
    public async Task<IReadOnlyList<ComputeProgress>> DrainAsync(TimeSpan limit)
    {
        _queue.CompleteAdding();
        await Task.WhenAll(_known.Keys.Select(work => work.CancelAsync(limit)));
        return Describe();
    }

    /// <summary>Takes no more work and tells all there is to stop; waits for nothing.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        foreach (var work in _known.Keys)
        {
            work.Cancel();
        }
    }

    private void Work()
    {
        foreach (var work in _queue.GetConsumingEnumerable())
        {
            work.Run();
            _known.TryRemove(work, out _);
        }
    }
}
