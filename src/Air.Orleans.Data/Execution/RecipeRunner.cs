using Air.Orleans.Core.Compute;
using Air.Orleans.Kernels.Columns;
using Air.Orleans.Kernels.Csv;
using Air.Orleans.Kernels.Numerics;
using Apache.Arrow.Types;

namespace Air.Orleans.Data.Execution;

/// <summary>Makes one block from its recipe. Runs on a compute slot; the inputs have been fetched before.</summary>
internal static class RecipeRunner
{
    /// <exception cref="DatasetException">The source cannot be read, or an operator failed; the message names it and the block.</exception>
    public static RecordBatch Run(
        string block,
        BlockRecipe recipe,
        IReadOnlyList<RecordBatch> inputs,
        IServiceProvider services,
        ComputeContext context
    )
    {
        var batch = ReadSource(recipe.Source, inputs);
        var done = 0;
        foreach (var step in recipe.Operators)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            context.Report((double)done++ / recipe.Operators.Length, step.Label);
            try
            {
                batch = step.Apply(batch, services);
            }
            catch (Exception error) when (error is not (AirException or OutOfMemoryException))
            {
                throw new DatasetException(
                    $"{step.Label} failed on block '{block}' ({batch.Length} rows): {error.GetType().Name}: {error.Message}",
                    error
                );
            }
        }

        return batch;
    }

    private static RecordBatch ReadSource(BlockSource source, IReadOnlyList<RecordBatch> inputs) =>
        source switch
        {
            CsvBlockSource csv => ReadCsv(csv),
            RangeBlockSource range => Count(range),
            GatherBlockSource gather => Gather(gather, inputs),
            _ => throw new DatasetException($"A block cannot come from {source.GetType().Name}."),
        };

    private static RecordBatch ReadCsv(CsvBlockSource source)
    {
        var info = new FileInfo(source.FilePath);
        if (!info.Exists || info.Length != source.FileBytes || info.LastWriteTimeUtc != source.FileTime)
        {
            throw new DatasetException(
                $"ReadCsv: '{source.FilePath}' was changed or removed while it is in use. Call ReadCsv again to read the new file."
            );
        }

        try
        {
            using var file = File.OpenHandle(source.FilePath);
            var bytes = GC.AllocateUninitializedArray<byte>(source.Length);
            new CsvRange(source.Offset, source.Length, source.FirstLineNumber, source.Rows).Read(
                file,
                bytes,
                source.FilePath
            );
            var columns = source
                .ColumnNames.Zip(source.ColumnTypes, static (name, type) => new CsvColumn(name, (CsvColumnType)type))
                .ToList();
            return CsvParser.Parse(
                bytes,
                columns,
                null,
                source.Settings.Format,
                source.FilePath,
                source.FirstLineNumber,
                source.Rows
            );
        }
        catch (CsvException error)
        {
            throw new DatasetException($"ReadCsv: {error.Message}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"ReadCsv: '{source.FilePath}' cannot be read: {error.Message}", error);
        }
    }

    private static RecordBatch Count(RangeBlockSource source)
    {
        var values = new long[source.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = source.Start + i;
        }

        var bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes<long>(values).ToArray();
        var array = new Int64Array(new ArrowBuffer(bytes), ArrowBuffer.Empty, values.Length, 0, 0);
        return new RecordBatch(RangeSchema, [array], values.Length);
    }

    public static Schema RangeSchema { get; } = new([new Field("id", Int64Type.Default, nullable: true)], null);

    private static RecordBatch Gather(GatherBlockSource source, IReadOnlyList<RecordBatch> inputs)
    {
        var (first, _) = source.NeededInputs();
        var starts = new long[inputs.Count + 1];
        starts[0] = source.InputRows.Take(first).Sum(static rows => (long)rows);
        for (var i = 0; i < inputs.Count; i++)
        {
            var expected = source.InputRows[first + i];
            starts[i + 1] =
                inputs[i].Length == expected
                    ? starts[i] + expected
                    : throw new DatasetException(
                        $"TrainTestSplit: block {first + i} of its input had {expected} rows when the rows were parted, and now has "
                            + $"{inputs[i].Length}. A function of MapBatches or Filter must give the same rows for the same input."
                    );
        }

        var total = source.InputRows.Sum(static rows => (long)rows);
        var order = source.ShuffleSeed is { } seed ? Permutation.Create(checked((int)total), (ulong)seed) : null;
        var rows = new RowAddress[source.Count];
        var batch = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            var place = source.Start + i;
            var row = order is null ? place : order[(int)place];
            if (row < starts[batch] || row >= starts[batch + 1])
            {
                batch = BatchOf(starts, row);
            }

            rows[i] = new RowAddress(batch, (int)(row - starts[batch]));
        }

        return BatchKernels.Gather(inputs, rows);
    }

    /// <summary>The last batch that begins at or before the row; empty batches are passed over.</summary>
    private static int BatchOf(long[] starts, long row)
    {
        var (low, high) = (0, starts.Length - 2);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (starts[middle] <= row)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }
}
