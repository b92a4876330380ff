using System.Runtime.CompilerServices;
using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Data.Control;
using Air.Orleans.Data.Grains;
using Air.Orleans.Data.Plans;

namespace Air.Orleans.Data.Execution;

/// <summary>
/// Reads the rows of a plan, from a client or from a silo: asks the run's grain for blocks, fetches them, and asks again where one
/// was lost on the way.
/// </summary>
internal sealed class DatasetReader(
    IGrainFactory grains,
    BlockFetcher fetcher,
    TimeProvider time,
    PlanNode plan,
    int readAhead
)
{
    public static DatasetReader For(IServiceProvider services, PlanNode plan, int? readAhead = null) =>
        new(
            services.GetRequiredService<IGrainFactory>(),
            services.GetRequiredService<BlockFetcher>(),
            services.GetRequiredService<TimeProvider>(),
            plan,
            readAhead ?? Environment.ProcessorCount * 2
        );

    private IDatasetRunGrain Run => grains.GetGrain<IDatasetRunGrain>(plan.NodeId);

    public ValueTask<DatasetLayout> OpenAsync(CancellationToken cancellationToken) =>
        GrainCalls.PollAsync(() => Run.OpenAsync(plan), cancellationToken);

    /// <summary>Computes all blocks, where they are not kept already.</summary>
    public ValueTask<MaterializedDataset> MaterializeAsync(CancellationToken cancellationToken) =>
        GrainCalls.PollAsync(() => Run.MaterializeAsync(plan), cancellationToken);

    /// <summary>All blocks in order, each held until the reader disposes it; some are computed ahead of the one that is read.</summary>
    public async IAsyncEnumerable<BlockLease> BlocksAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        var layout = await OpenAsync(cancellationToken);
        var ahead = new Queue<Task<BlockLease>>();
        var next = 0;
        try
        {
            while (next < layout.BlockCount || ahead.Count > 0)
            {
                while (next < layout.BlockCount && ahead.Count < readAhead)
                {
                    ahead.Enqueue(BlockAsync(next++, cancellationToken));
                }

                yield return await ahead.Dequeue();
            }
        }
        finally
        {
            foreach (var unread in ahead)
            {
                BlockLeases.DisposeWhenDone(unread);
            }
        }
    }

    /// <summary>How many rows each block has; computes those that never were.</summary>
    public ValueTask<int[]> RowsAsync(CancellationToken cancellationToken) =>
        GrainCalls.PollAsync(() => Run.RowsAsync(plan), cancellationToken);

    /// <summary>One block, held until the lease is disposed. One that is lost on the way is asked for again, up to a limit.</summary>
    /// <exception cref="DatasetException">It cannot be computed, or was lost too often.</exception>
    public async Task<BlockLease> BlockAsync(int index, CancellationToken cancellationToken)
    {
        Losses? losses = null;
        while (true)
        {
            var wasLost = losses is not null;
            var ticket = await GrainCalls.PollAsync(() => Run.BlockAsync(plan, index, wasLost), cancellationToken);
            try
            {
                return await fetcher.LeaseAsync(ticket.Block, cancellationToken);
            }
            catch (BlockLostException lost)
            {
                losses ??= new Losses($"Block '{ticket.Key}'");
                if (!losses.TryAdd(lost, out var pause))
                {
                    throw losses.Error();
                }

                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }
}
