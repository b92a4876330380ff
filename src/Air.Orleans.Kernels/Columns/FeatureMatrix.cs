using System.Numerics;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Air.Orleans.Kernels.Columns;

/// <summary>Gives the rows of a batch as a matrix of floats, as models read them. Stateless, hence thread-safe.</summary>
public static class FeatureMatrix
{
    // Rows that are written together: their part of the matrix stays in the cache while the columns come one by one.
    private const int TileRows = 128;

    /// <summary>Puts columns side by side.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="columns">
    /// The columns' names, in the order of the features. A numeric column gives one feature, a FixedSizeList of n floats or
    /// doubles gives n.
    /// </param>
    /// <returns>
    /// A FixedSizeList of Float without nulls, of shape (rows, features), row after row; values are rounded to the nearest float.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// No column is named, one is not in the batch, there is a null, or the matrix is larger than an array can be (2 GiB).
    /// </exception>
    /// <exception cref="NotSupportedException">A column is neither numeric nor a FixedSizeList of floats or doubles.</exception>
    public static FixedSizeListArray Concatenate(RecordBatch batch, IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Count == 0)
        {
            throw new ArgumentException("No column is named: a feature matrix needs at least one.", nameof(columns));
        }

        var parts = new List<(ArrayData Values, int Width)>();
        var width = 0;
        foreach (var name in columns)
        {
            var part = Part(batch, name);
            parts.Add(part);
            width = checked(width + part.Width);
        }

        var bytes = (long)batch.Length * width * sizeof(float);
        if (bytes > System.Array.MaxLength)
        {
            throw new ArgumentException(
                $"A matrix of {batch.Length} rows and {width} features has {bytes} bytes: it may have {System.Array.MaxLength}. "
                    + "Make smaller batches."
            );
        }

        var buffer = GC.AllocateUninitializedArray<byte>((int)bytes);
        Fill(parts, batch.Length, width, MemoryMarshal.Cast<byte, float>(buffer.AsSpan()));
        GC.KeepAlive(batch);
        return Wrap(buffer, batch.Length, width);
    }

    /// <summary>Gives a matrix's values without a copy.</summary>
    /// <param name="matrix">A FixedSizeList of Float; it may be a slice.</param>
    /// <returns>The values of shape (rows, features), row after row; valid as long as the matrix is referenced and not disposed.</returns>
    /// <exception cref="NotSupportedException">The list's values are not Float.</exception>
    /// <exception cref="ArgumentException">A row or a value is null.</exception>
    public static ReadOnlySpan<float> AsSpan(FixedSizeListArray matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        var data = matrix.Data;
        if (data.DataType is not FixedSizeListType { ValueDataType.TypeId: ArrowTypeId.Float } type)
        {
            throw new NotSupportedException(
                $"The matrix has the type {data.DataType.Name}: it must be a FixedSizeList of Float. Make it with FeatureMatrix.Concatenate."
            );
        }

        var values = ColumnLayout.ListValues(data);
        CheckNoNull(data, values, type.ListSize, column: null);
        return ColumnLayout.Values<float>(values);
    }

    /// <summary>Makes a matrix of values that lie row after row, without a copy.</summary>
    /// <param name="values">The values' bytes, rows * width floats; they must not be changed any more.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="width">How many features a row has, at least 1.</param>
    /// <exception cref="ArgumentException">The number of bytes does not fit rows and width.</exception>
    public static FixedSizeListArray Wrap(ReadOnlyMemory<byte> values, int rows, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        if (values.Length != (long)rows * width * sizeof(float))
        {
            throw new ArgumentException(
                $"There are {values.Length} bytes for {rows} rows of {width} features: there must be 4 for each value.",
                nameof(values)
            );
        }

        var field = new Field("item", FloatType.Default, nullable: false);
        var child = new ArrayData(FloatType.Default, rows * width, 0, 0, [ArrowBuffer.Empty, new ArrowBuffer(values)]);
        return new FixedSizeListArray(
            new ArrayData(new FixedSizeListType(field, width), rows, 0, 0, [ArrowBuffer.Empty], [child])
        );
    }

    private static (ArrayData Values, int Width) Part(RecordBatch batch, string name)
    {
        var data = batch.Column(BatchKernels.IndexOf(batch, name)).Data;
        if (data.DataType is not FixedSizeListType)
        {
            NumericColumn.CheckNumeric(data.DataType, name);
            CheckNoNull(data, data, 1, name);
            return (data, 1);
        }

        ColumnLayout.ShapeOf(data.DataType, name);
        var values = ColumnLayout.ListValues(data);
        var size = ColumnLayout.ListSize(data);
        CheckNoNull(data, values, size, name);
        return (values, size);
    }

    private static void CheckNoNull(ArrayData rows, ArrayData values, int width, string? column)
    {
        var row = ColumnLayout.FirstNull(rows);
        if (row < 0 && ColumnLayout.FirstNull(values) is >= 0 and var value)
        {
            row = value / width;
        }

        if (row >= 0)
        {
            throw new ArgumentException(
                $"{ColumnLayout.Named(column)} is null at row {row} of the batch: features must be numbers. "
                    + "Fill the nulls or drop such rows first."
            );
        }
    }

    private static void Fill(List<(ArrayData Values, int Width)> parts, int rows, int width, Span<float> matrix)
    {
        for (var start = 0; start < rows; start += TileRows)
        {
            var count = Math.Min(TileRows, rows - start);
            var tile = matrix.Slice(start * width, count * width);
            var first = 0;
            foreach (var (values, partWidth) in parts)
            {
                var writer = new StridedWriter(tile[first..], width, partWidth);
                NumericColumn.Visit(values, start * partWidth, count * partWidth, ref writer);
                first += partWidth;
            }
        }
    }

    private readonly ref struct StridedWriter(Span<float> target, int stride, int width) : INumericOperation
    {
        private readonly Span<float> target = target;

        public void Invoke<T>(scoped ReadOnlySpan<T> values)
            where T : unmanaged, INumber<T>
        {
            if (width == 1)
            {
                var at = 0;
                foreach (var value in values)
                {
                    target[at] = float.CreateTruncating(value);
                    at += stride;
                }

                return;
            }

            for (var row = 0; row * width < values.Length; row++)
            {
                var source = values.Slice(row * width, width);
                var destination = target.Slice(row * stride, width);
                for (var i = 0; i < source.Length; i++)
                {
                    destination[i] = float.CreateTruncating(source[i]);
                }
            }
        }
    }
}
