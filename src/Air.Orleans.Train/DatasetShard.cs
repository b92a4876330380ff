using Air.Orleans.Core.Blocks;
using Air.Orleans.Data.Execution;
using Air.Orleans.Kernels.Columns;
using Air.Orleans.Train.Control;

namespace Air.Orleans.Train;

/// <summary>
/// The rows of a dataset that one worker has: consecutive ones, no worker having more than one row more than another. Used by the
/// worker's own thread alone.
/// </summary>
public sealed class DatasetShard
{
    private readonly MaterializedDataset _dataset;
    private readonly Func<int, BlockLease> _readBlock;
    private readonly long _start;
    private readonly int _seed;
    private readonly int _rank;
    private RecordBatch? _all;

    internal DatasetShard(
        string name,
        MaterializedDataset dataset,
        Func<int, BlockLease> readBlock,
        int rank,
        int worldSize,
        int seed
    )
    {
        Name = name;
        _dataset = dataset;
        _readBlock = readBlock;
        _rank = rank;
        _seed = seed;
        TotalRows = dataset.Rows;
        (_start, Rows) = ShardPlan.Rows(TotalRows, rank, worldSize);
        LongestShardRows = ShardPlan.Longest(TotalRows, worldSize);
    }

    /// <summary>The dataset's name in the trainer.</summary>
    public string Name { get; }

    /// <summary>The columns, after the preprocessor.</summary>
    public Schema Schema => _dataset.Schema;

    /// <summary>How many rows this worker has.</summary>
    public int Rows { get; }

    /// <summary>How many rows all workers have together.</summary>
    public long TotalRows { get; }

    /// <summary>The rows of the longest shard: as many as every worker goes through in an epoch of training.</summary>
    public int LongestShardRows { get; }

    /// <summary>How many steps an epoch has with this batch size; the same on every worker.</summary>
    public int StepCount(int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return (LongestShardRows + batchSize - 1) / batchSize;
    }

    /// <summary>All rows of this worker as one batch, in the dataset's order. Kept after the first call.</summary>
    public RecordBatch All()
    {
        if (_all is null)
        {
            using var held = new BlockLeases();
            _all = BatchKernels.Concat([.. Parts(held)]);
        }

        return _all;
    }

    /// <summary>The rows in batches, in the dataset's order, each row once; the last may be shorter. For evaluation.</summary>
    public IEnumerable<RecordBatch> Batches(int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return Cut(batchSize);
    }

    /// <summary>
    /// The rows in batches, shuffled anew for each epoch from the run's seed, in <see cref="StepCount"/> steps on every worker. A worker
    /// that has a row less than others sees its first row of the epoch twice.
    /// </summary>
    /// <exception cref="TrainingException">This worker has no row at all.</exception>
    public IEnumerable<RecordBatch> ShuffledBatches(int batchSize, int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return Shuffle(batchSize, epoch);
    }

    /// <summary>
    /// The order in which this worker goes through its rows in an epoch: places in <see cref="All"/>, <see cref="LongestShardRows"/> of
    /// them. It depends on the run's seed, the epoch and the rank alone.
    /// </summary>
    /// <exception cref="TrainingException">This worker has no row at all.</exception>
    public int[] ShuffledOrder(int epoch)
    {
        if (Rows == 0)
        {
            throw new TrainingException(
                $"dataset '{Name}' has {TotalRows} rows, fewer than there are workers; each must have one. Lower Scaling.Workers."
            );
        }

        return ShardPlan.Order(Rows, LongestShardRows, _seed, epoch, _rank);
    }

    private IEnumerable<RecordBatch> Shuffle(int batchSize, int epoch)
    {
        var order = ShuffledOrder(epoch);
        for (var from = 0; from < order.Length; from += batchSize)
        {
            yield return BatchKernels.Take(All(), order.AsSpan(from, Math.Min(batchSize, order.Length - from)));
        }
    }

    private IEnumerable<RecordBatch> Cut(int batchSize)
    {
        using var held = new BlockLeases();
        var waiting = new List<RecordBatch>();
        var rows = 0;
        foreach (var part in Parts(held))
        {
            var from = 0;
            while (from < part.Length)
            {
                var taken = Math.Min(batchSize - rows, part.Length - from);
                waiting.Add(BatchKernels.Slice(part, from, taken));
                rows += taken;
                from += taken;
                if (rows == batchSize)
                {
                    yield return BatchKernels.Concat(waiting);
                    waiting.Clear();
                    rows = 0;
                }
            }

            if (rows == 0)
            {
                held.Dispose();
            }
        }

        if (rows > 0)
        {
            yield return BatchKernels.Concat(waiting);
        }
    }

    /// <summary>The pieces of blocks that hold this worker's rows; one empty piece where it has none. Views, until what is held is disposed.</summary>
    private IEnumerable<RecordBatch> Parts(BlockLeases held)
    {
        var blockStart = 0L;
        var given = false;
        for (var block = 0; block < _dataset.BlockRows.Length; block++)
        {
            var blockRows = _dataset.BlockRows[block];
            var from = Math.Max(_start, blockStart);
            var to = Math.Min(_start + Rows, blockStart + blockRows);
            if (to > from)
            {
                given = true;
                yield return BatchKernels.Slice(
                    held.Add(_readBlock(block)).Batch,
                    (int)(from - blockStart),
                    (int)(to - from)
                );
            }

            blockStart += blockRows;
        }

        if (!given)
        {
            yield return BatchKernels.Slice(held.Add(_readBlock(0)).Batch, 0, 0);
        }
    }
}
