using Apache.Arrow;
using Apache.Arrow.Types;

namespace Air.Orleans.Kernels.Columns;

/// <summary>
/// Gives batches made from batches: slices, selections, rows in another order. Takes columns of Boolean, integers, Float,
/// Double, dates and times, String, and FixedSizeList of Float or Double, with nulls and as slices.
/// </summary>
/// <remarks>
/// No result owns memory: nothing here needs to be disposed, and to dispose a result never frees memory that another batch
/// reads. Stateless, hence thread-safe. A method that copies rows throws <see cref="NotSupportedException"/>, with the
/// column's name and type, when a column is of another type.
/// </remarks>
public static class BatchKernels
{
    /// <summary>Gives the rows at some places, in the order of the places; a place may come twice.</summary>
    /// <param name="batch">The batch to take from.</param>
    /// <param name="rows">0-based rows of the batch.</param>
    /// <exception cref="ArgumentOutOfRangeException">A place is not in the batch.</exception>
    public static RecordBatch Take(RecordBatch batch, ReadOnlySpan<int> rows)
    {
        ArgumentNullException.ThrowIfNull(batch);
        foreach (var row in rows)
        {
            CheckRow(row, batch.Length, 0);
        }

        var columns = new IArrowArray[batch.ColumnCount];
        for (var i = 0; i < columns.Length; i++)
        {
            var data = ColumnGather.Gather(NameOf(batch, i), [batch.Column(i).Data], new TakenRows(rows));
            columns[i] = ArrowArrayFactory.BuildArray(data);
        }

        GC.KeepAlive(batch);
        return new RecordBatch(batch.Schema, columns, rows.Length);
    }

    /// <summary>Gives rows of several batches in any order.</summary>
    /// <param name="batches">The batches, at least one, with the same column names and types.</param>
    /// <param name="rows">Where each row of the result comes from.</param>
    /// <exception cref="ArgumentException">There is no batch, or the batches' columns differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A place is in none of the batches.</exception>
    public static RecordBatch Gather(IReadOnlyList<RecordBatch> batches, ReadOnlySpan<RowAddress> rows)
    {
        CheckBatches(batches);
        foreach (var (index, row) in rows)
        {
            if ((uint)index >= (uint)batches.Count)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(rows),
                    $"Batch {index} is asked for, there are {batches.Count}: RowAddress.Batch counts from 0."
                );
            }

            CheckRow(row, batches[index].Length, index);
        }

        var columns = new IArrowArray[batches[0].ColumnCount];
        for (var i = 0; i < columns.Length; i++)
        {
            var data = ColumnGather.Gather(NameOf(batches[0], i), Column(batches, i), new AddressedRows(rows));
            columns[i] = ArrowArrayFactory.BuildArray(data);
        }

        GC.KeepAlive(batches);
        return new RecordBatch(batches[0].Schema, columns, rows.Length);
    }

    /// <summary>Gives consecutive rows without a copy, of columns of any type.</summary>
    /// <param name="batch">The batch to slice.</param>
    /// <param name="offset">The first row, from 0.</param>
    /// <param name="length">How many rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rows are not all in the batch.</exception>
    public static RecordBatch Slice(RecordBatch batch, int offset, int length)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (offset < 0 || length < 0 || (long)offset + length > batch.Length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(offset),
                $"{length} rows from row {offset} are asked for, the batch has {batch.Length}: the slice must lie in the batch."
            );
        }

        return new RecordBatch(
            batch.Schema,
            batch.Arrays.Select(array => ArrowArrayFactory.BuildArray(ColumnLayout.Slice(array.Data, offset, length))),
            length
        );
    }

    /// <summary>Gives all rows of several batches, one batch behind the other, as one copy.</summary>
    /// <param name="batches">The batches, at least one, with the same column names and types.</param>
    /// <exception cref="ArgumentException">There is no batch, or the batches' columns differ.</exception>
    /// <exception cref="InvalidOperationException">A text column would be larger than one batch can hold (2 GiB).</exception>
    public static RecordBatch Concat(IReadOnlyList<RecordBatch> batches)
    {
        CheckBatches(batches);
        var columns = new IArrowArray[batches[0].ColumnCount];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = ArrowArrayFactory.BuildArray(ColumnConcat.Concat(NameOf(batches[0], i), Column(batches, i)));
        }

        return new RecordBatch(batches[0].Schema, columns, checked(batches.Sum(batch => batch.Length)));
    }

    /// <summary>Gives the rows that are to be kept, in their order.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="keep">For each row whether it is kept.</param>
    /// <exception cref="ArgumentException"><paramref name="keep"/> is not as long as the batch.</exception>
    public static RecordBatch Filter(RecordBatch batch, ReadOnlySpan<bool> keep)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (keep.Length != batch.Length)
        {
            throw new ArgumentException(
                $"There are {keep.Length} values of keep and {batch.Length} rows: each row needs one.",
                nameof(keep)
            );
        }

        var rows = GC.AllocateUninitializedArray<int>(keep.Length);
        var count = 0;
        for (var row = 0; row < keep.Length; row++)
        {
            rows[count] = row;
            count += keep[row] ? 1 : 0;
        }

        return count == keep.Length ? Slice(batch, 0, count) : Take(batch, rows.AsSpan(0, count));
    }

    /// <summary>Gives some columns, in the order asked for, without a copy.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="names">The columns' names.</param>
    /// <exception cref="ArgumentException">A column is not in the batch.</exception>
    public static RecordBatch Select(RecordBatch batch, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(names);
        return Pick(batch, [.. names.Select(name => IndexOf(batch, name))]);
    }

    /// <summary>Gives all columns but some, in the batch's order, without a copy.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="names">The names of the columns to leave out.</param>
    /// <exception cref="ArgumentException">A column is not in the batch.</exception>
    public static RecordBatch Drop(RecordBatch batch, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(names);
        var dropped = names.Select(name => IndexOf(batch, name)).ToHashSet();
        return Pick(batch, [.. Enumerable.Range(0, batch.ColumnCount).Where(index => !dropped.Contains(index))]);
    }

    /// <summary>Gives a hash of a batch: of its column names and types, and of its rows in their order.</summary>
    /// <param name="batch">The batch; how it is sliced or padded does not matter, and neither does what lies under nulls.</param>
    /// <returns>The same on every machine; not for cryptography.</returns>
    public static ulong Hash64(RecordBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var hash = (ulong)batch.Length;
        foreach (var field in batch.Schema.FieldsList)
        {
            hash = BatchHash.Combine(hash, BatchHash.Bytes(System.Text.Encoding.UTF8.GetBytes(field.Name)));
            hash = BatchHash.Combine(hash, (ulong)field.DataType.TypeId);
        }

        return BatchHash.Combine(hash, RowsHash(batch));
    }

    /// <summary>
    /// Gives a hash of the rows and their order that can be added up: the wrapping sum over the blocks of a table is the same
    /// however the table is cut into blocks, when each block gives the number of its first row.
    /// </summary>
    /// <param name="batch">The block.</param>
    /// <param name="firstRow">The 0-based number of the block's first row in the whole table.</param>
    /// <returns>
    /// The hash; numbers count by their bits, so 0 and -0 differ, and names do not count. The same on every machine; not for
    /// cryptography.
    /// </returns>
    public static ulong RowsHash(RecordBatch batch, long firstRow = 0)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var sum = 0UL;
        var place = (ulong)firstRow;
        foreach (var hash in BatchHash.Rows(batch))
        {
            sum = unchecked(sum + BatchHash.Spread(hash, place++));
        }

        return sum;
    }

    /// <summary>
    /// Gives a hash of the rows regardless of their order: the wrapping sum over blocks is the same for any order of rows and
    /// any cut into blocks, and differs when a row is lost, changed or there twice.
    /// </summary>
    /// <param name="batch">The block.</param>
    public static ulong RowSetHash(RecordBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var sum = 0UL;
        foreach (var hash in BatchHash.Rows(batch))
        {
            sum = unchecked(sum + BatchHash.Spread(hash, 0));
        }

        return sum;
    }

    /// <summary>Gives the bytes that a batch's rows take: of a slice only its own part, without padding.</summary>
    /// <param name="batch">The batch.</param>
    public static long SizeBytes(RecordBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var size = 0L;
        for (var i = 0; i < batch.ColumnCount; i++)
        {
            size += SizeBytes(batch.Column(i).Data, NameOf(batch, i));
        }

        GC.KeepAlive(batch);
        return size;
    }

    private static long SizeBytes(ArrayData data, string name)
    {
        var validity = ColumnLayout.HasNulls(data) ? Bitmap.Bytes(data.Length) : 0L;
        switch (ColumnLayout.ShapeOf(data.DataType, name))
        {
            case ColumnShape.Bits:
                return validity + Bitmap.Bytes(data.Length);
            case ColumnShape.Fixed:
                return validity + ((long)data.Length * ColumnLayout.FixedBytes(data.DataType));
            case ColumnShape.Text:
                var offsets = ColumnLayout.TextOffsets(data);
                return validity + ((long)offsets.Length * sizeof(int)) + offsets[^1] - offsets[0];
            default:
                return validity + SizeBytes(ColumnLayout.ListValues(data), name);
        }
    }

    private static ArrayData[] Column(IReadOnlyList<RecordBatch> batches, int index)
    {
        var parts = new ArrayData[batches.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = batches[i].Column(index).Data;
        }

        return parts;
    }

    private static RecordBatch Pick(RecordBatch batch, IReadOnlyList<int> indices)
    {
        var schema = new Schema(indices.Select(batch.Schema.GetFieldByIndex), batch.Schema.Metadata);
        var columns = indices.Select(index =>
            ArrowArrayFactory.BuildArray(ColumnLayout.Slice(batch.Column(index).Data, 0, batch.Length))
        );
        return new RecordBatch(schema, columns, batch.Length);
    }

    internal static int IndexOf(RecordBatch batch, string name)
    {
        for (var i = 0; i < batch.ColumnCount; i++)
        {
            if (NameOf(batch, i) == name)
            {
                return i;
            }
        }

        var names = string.Join(", ", batch.Schema.FieldsList.Select(field => $"'{field.Name}'"));
        throw new ArgumentException($"Column '{name}' is not in the batch (columns: {names}). Correct the name.");
    }

    private static string NameOf(RecordBatch batch, int index) => batch.Schema.GetFieldByIndex(index).Name;

    private static void CheckRow(int row, int length, int batch)
    {
        if ((uint)row >= (uint)length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(row),
                $"Row {row} is asked for, batch {batch} has {length} rows: rows count from 0 and must be in the batch."
            );
        }
    }

    private static void CheckBatches(IReadOnlyList<RecordBatch> batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        if (batches.Count == 0)
        {
            throw new ArgumentException(
                "There are no batches: at least one must say what the columns are.",
                nameof(batches)
            );
        }

        for (var i = 1; i < batches.Count; i++)
        {
            CheckSameColumns(batches[0], batches[i], i);
        }
    }

    private static void CheckSameColumns(RecordBatch first, RecordBatch other, int index)
    {
        var same = first.ColumnCount == other.ColumnCount;
        for (var i = 0; same && i < first.ColumnCount; i++)
        {
            same =
                NameOf(first, i) == NameOf(other, i)
                && IsSameType(first.Column(i).Data.DataType, other.Column(i).Data.DataType);
        }

        if (!same)
        {
            throw new ArgumentException(
                $"Batch {index} has the columns ({Describe(other)}), batch 0 has ({Describe(first)}): they must be the same. "
                    + "Select the same columns in the same order."
            );
        }
    }

    private static bool IsSameType(IArrowType first, IArrowType other) =>
        first.TypeId == other.TypeId
        && (
            first is not FixedSizeListType list
            || (
                other is FixedSizeListType otherList
                && list.ListSize == otherList.ListSize
                && list.ValueDataType.TypeId == otherList.ValueDataType.TypeId
            )
        );

    private static string Describe(RecordBatch batch) =>
        string.Join(", ", batch.Schema.FieldsList.Select(field => $"'{field.Name}' {field.DataType.Name}"));
}
