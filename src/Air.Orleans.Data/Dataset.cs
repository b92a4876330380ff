using System.Runtime.CompilerServices;
using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Shipping;
using Air.Orleans.Data.Execution;
using Air.Orleans.Data.Plans;
using Air.Orleans.Kernels.Columns;

namespace Air.Orleans.Data;

/// <summary>
/// Rows in named columns, as a lazy plan over Arrow blocks: no row moves until something asks for rows (the methods that end
/// in Async). Rows keep their order through every step. A dataset is immutable, cheap to derive and thread-safe.
/// Blocks are computed on the silos and kept there while there is memory; a block that is lost is computed again.
/// </summary>
public sealed class Dataset
{
    internal Dataset(IAirCluster cluster, PlanNode plan)
    {
        Cluster = cluster;
        Plan = plan;
    }

    internal IAirCluster Cluster { get; }

    internal PlanNode Plan { get; }

    /// <summary>The dataset without the columns named.</summary>
    /// <exception cref="DatasetException">When rows are asked for: there is no such column.</exception>
    public Dataset DropColumns(params string[] columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return With(new DropColumnsOperator(columns));
    }

    /// <summary>The dataset with the columns named alone, in that order.</summary>
    /// <exception cref="DatasetException">When rows are asked for: there is no such column.</exception>
    public Dataset Select(params string[] columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return With(new SelectOperator(columns));
    }

    /// <summary>Puts batches of rows through a function, on the silos, in parallel over blocks.</summary>
    /// <param name="function">
    /// Gives a batch for each batch; it may have other columns and another number of rows, and all batches must come out with
    /// the same columns. It is copied to the silos with the variables that it captures, as they are now.
    /// </param>
    /// <param name="batchSize">At most how many rows a batch has; batches do not cross blocks. By default whole blocks.</param>
    /// <exception cref="ShippingException">The function captures what cannot travel; the message names it.</exception>
    public Dataset MapBatches(Func<RecordBatch, RecordBatch> function, int? batchSize = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (batchSize is { } size)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(size, 1, nameof(batchSize));
        }

        return With(new MapBatchesOperator(Shipper.Pack(function, "MapBatches: the function"), batchSize));
    }

    /// <summary>The rows for which <paramref name="predicate"/> says true, in their order.</summary>
    /// <exception cref="ShippingException">The function captures what cannot travel; the message names it.</exception>
    public Dataset Filter(Func<DataRow, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return With(new FilterOperator(Shipper.Pack(predicate, "Filter: the predicate")));
    }

    /// <summary>
    /// Parts the rows in two. The same seed gives the same rows in the same order, however many blocks the rows lie in.
    /// </summary>
    /// <param name="testSize">The share of the rows in the test part, rounded up to whole rows; between 0 and 1, both excluded.</param>
    /// <param name="seed">Seeds the shuffle.</param>
    /// <param name="shuffle">Whether rows are shuffled first (Fisher and Yates); otherwise the test part is the end.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="testSize"/> is not between 0 and 1.</exception>
    public (Dataset Train, Dataset Test) TrainTestSplit(double testSize, int seed = 0, bool shuffle = true)
    {
        if (!(testSize > 0 && testSize < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(testSize),
                testSize,
                "TrainTestSplit: testSize is a share of the rows and must lie between 0 and 1, both excluded."
            );
        }

        int? shuffleSeed = shuffle ? seed : null;
        return (
            new Dataset(Cluster, new SplitNode(PlanNode.NewId(), Plan, testSize, shuffleSeed, IsTest: false)),
            new Dataset(Cluster, new SplitNode(PlanNode.NewId(), Plan, testSize, shuffleSeed, IsTest: true))
        );
    }

    /// <summary>The names and types of the columns. Reads the head of the source; where a function made the columns, one block.</summary>
    /// <exception cref="DatasetException">The source cannot be read, or a step lacks a column.</exception>
    public async Task<Schema> SchemaAsync(CancellationToken cancellationToken = default) =>
        (await Reader().OpenAsync(cancellationToken)).Schema;

    /// <summary>How many rows there are.</summary>
    /// <exception cref="DatasetException">The source cannot be read, or a step failed.</exception>
    public async Task<long> CountAsync(CancellationToken cancellationToken = default) =>
        (await Reader().RowsAsync(cancellationToken)).Sum(static rows => (long)rows);

    /// <summary>The rows in batches, in order, each of <paramref name="batchSize"/> rows but the last, read ahead while you work.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batchSize"/> is less than 1.</exception>
    /// <exception cref="DatasetException">The source cannot be read, or a step failed; batches given before stay valid.</exception>
    public async IAsyncEnumerable<RecordBatch> IterBatchesAsync(
        int batchSize = 1024,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        using var held = new BlockLeases();
        var rest = new List<RecordBatch>();
        var restRows = 0;
        await foreach (var lease in Reader().BlocksAsync(cancellationToken))
        {
            held.Add(lease);
            var block = lease.Batch;
            var start = 0;
            while (block.Length - start > 0)
            {
                var taken = Math.Min(batchSize - restRows, block.Length - start);
                rest.Add(BatchKernels.Slice(block, start, taken));
                restRows += taken;
                start += taken;
                if (restRows == batchSize)
                {
                    yield return BatchKernels.Concat(rest);
                    rest.Clear();
                    restRows = 0;
                }
            }

            if (restRows == 0)
            {
                held.Dispose();
            }
        }

        if (restRows > 0)
        {
            yield return BatchKernels.Concat(rest);
        }
    }

    /// <summary>The first rows, at most <paramref name="count"/>; computes no more blocks than it needs.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="DatasetException">The source cannot be read, or a step failed.</exception>
    public async Task<IReadOnlyList<DataRow>> TakeAsync(int count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var rows = new List<DataRow>();
        if (count == 0)
        {
            return rows;
        }

        await foreach (var lease in Reader(readAhead: 1).BlocksAsync(cancellationToken))
        {
            using var _ = lease;
            var block = lease.Copy();
            for (var row = 0; row < block.Length && rows.Count < count; row++)
            {
                rows.Add(new DataRow(block, row));
            }

            if (rows.Count == count)
            {
                break;
            }
        }

        return rows;
    }

    /// <summary>Writes the first rows as a table.</summary>
    /// <param name="rows">At most how many.</param>
    /// <param name="writer">Where to; by default standard output.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="DatasetException">The source cannot be read, or a step failed.</exception>
    public async Task ShowAsync(int rows = 20, TextWriter? writer = null, CancellationToken cancellationToken = default)
    {
#pragma warning disable RS0030 // Showing rows on standard output is what this method is for.
        writer ??= Console.Out;
#pragma warning restore RS0030
        var schema = await SchemaAsync(cancellationToken);
        var taken = await TakeAsync(rows, cancellationToken);
        await writer.WriteAsync(TextTable.Of(schema, taken));
    }

    internal DatasetReader Reader(int? readAhead = null) => DatasetReader.For(Cluster.Services, Plan, readAhead);

    internal Dataset With(BlockOperator step) => new(Cluster, new OperatorNode(PlanNode.NewId(), Plan, step));

    internal Dataset With(PreprocessOperator step) =>
        new(Cluster, new OperatorNode(PlanNode.DerivedId(Plan.NodeId, step.PreprocessorJson), Plan, step));

    private ObjectShipper Shipper => Cluster.Services.GetRequiredService<ObjectShipper>();
}
