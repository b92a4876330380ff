namespace Air.Orleans.Core.Blocks;

/// <summary>Leases that end together. Disposed, it can be filled anew. Not thread-safe.</summary>
internal sealed class BlockLeases : IDisposable
{
    private readonly List<BlockLease> _held = [];

    /// <summary>The rows of the blocks, in the order in which they were added.</summary>
    public IReadOnlyList<RecordBatch> Batches => _held.ConvertAll(static lease => lease.Batch);

    public BlockLease Add(BlockLease lease)
    {
        _held.Add(lease);
        return lease;
    }

    /// <summary>Adds leases as they come, all or none, waiting for them as <paramref name="wait"/> does.</summary>
    public async Task AddAsync(
        IEnumerable<Task<BlockLease>> leases,
        Func<IEnumerable<Task<BlockLease>>, Task<BlockLease[]>> wait
    )
    {
        var all = leases.ToList();
        try
        {
            _held.AddRange(await wait(all));
        }
        catch
        {
            all.ForEach(DisposeWhenDone);
            throw;
        }
    }

    /// <summary>Disposes a lease that nobody waits for any more, when it comes.</summary>
    public static void DisposeWhenDone(Task<BlockLease> lease) =>
        _ = lease.ContinueWith(
            static done =>
            {
                if (done.IsCompletedSuccessfully)
                {
                    done.Result.Dispose();
                }
                else
                {
                    // Looked at, so that it is not reported as unobserved.
                    _ = done.Exception;
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );

    public void Dispose()
    {
        _held.ForEach(static lease => lease.Dispose());
        _held.Clear();
    }
}
