using Air.Orleans.Core.Compute;

namespace Air.Orleans.Serve.Replicas;

/// <summary>
/// A replica's thread: takes what has queued while the last batch ran, at most so many rows, and never waits for more. A request
/// is not split: one of more rows than a batch may have is a batch of its own. Thread-safe.
/// </summary>
internal sealed class RequestBatcher
{
    private readonly object _gate = new();
    private readonly Queue<PendingRequest> _queue = [];
    private readonly int _maxBatchRows;
    private bool _closed;

    /// <summary>Starts the thread, which makes its runner first, and lets go of it at the end.</summary>
    public RequestBatcher(string name, int maxBatchRows, Func<BatchRunner> load)
    {
        _maxBatchRows = maxBatchRows;
        var loaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Loaded = loaded.Task;
        Ended = DedicatedThread.RunAsync(name, () => Work(load, loaded));
    }

    /// <summary>Ends when the runner is there, or with the error of making it.</summary>
    public Task Loaded { get; }

    /// <summary>Ends as the thread does.</summary>
    public Task Ended { get; }

    /// <summary>Queues a request; false after <see cref="Close"/>.</summary>
    public bool TryAdd(PendingRequest request)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            _queue.Enqueue(request);
            if (_queue.Count == 1)
            {
                Monitor.Pulse(_gate);
            }

            return true;
        }
    }

    /// <summary>Takes no more requests; those queued are still answered, then the thread ends.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Gives what is still queued back as gone, so that other replicas can take it.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            while (_queue.TryDequeue(out var request))
            {
                request.Complete(ReplicaAnswer.Gone);
            }
        }
    }

    private void Work(Func<BatchRunner> load, TaskCompletionSource loaded)
    {
        BatchRunner runner;
        try
        {
            runner = load();
        }
        catch (Exception error)
        {
            Close();
            loaded.SetException(error);
            return;
        }

        loaded.SetResult();
        using (runner)
        {
            var batch = new List<PendingRequest>();
            while (Take(batch))
            {
                runner.Run(batch);
                batch.Clear();
            }
        }
    }

    private bool Take(List<PendingRequest> batch)
    {
        lock (_gate)
        {
            while (_queue.Count == 0)
            {
                if (_closed)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            var rows = 0;
            while (_queue.TryPeek(out var next) && (rows == 0 || rows + next.Rows.RowCount <= _maxBatchRows))
            {
                rows += next.Rows.RowCount;
                batch.Add(_queue.Dequeue());
            }

            return true;
        }
    }
}
