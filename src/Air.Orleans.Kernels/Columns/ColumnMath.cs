using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Air.Orleans.Kernels.Columns;

/// <summary>
/// Gives statistics and transformations of numeric columns: Boolean (as 0 and 1), integers, Float, Double, with nulls and as
/// slices. Stateless, hence thread-safe.
/// </summary>
public static class ColumnMath
{
    // Distances from a larger value might overflow.
    private const double LargestOrigin = 1e150;

    /// <summary>Gives count, mean, spread and range of a column in one pass.</summary>
    /// <param name="column">The column. Nulls are counted and left out; NaN is a value like any other and spreads.</param>
    /// <param name="name">The column's name, for errors.</param>
    /// <returns>
    /// The moments, the same bits on every machine. A large common offset costs no precision within the column; between columns
    /// that are merged it does, as a mean of size m is known to m * 1e-16 only.
    /// </returns>
    /// <exception cref="NotSupportedException">The column is not numeric.</exception>
    public static Moments Moments(IArrowArray column, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(column);
        var data = column.Data;
        NumericColumn.CheckNumeric(data.DataType, name);
        var nulls = ColumnLayout.Nulls(data);
        var validity = nulls > 0 ? data.Buffers[0].Span : default;
        var isDirect = nulls == 0 && data.DataType.TypeId is ArrowTypeId.Double;
        var doubles = isDirect ? ColumnLayout.Values<double>(data) : default;
        var scratch = isDirect ? [] : new double[MomentsKernel.Tile];
        var total = Columns.Moments.Empty with { Nulls = nulls };
        var origin = 0.0;
        for (var start = 0; start < data.Length; start += MomentsKernel.Tile)
        {
            var count = Math.Min(MomentsKernel.Tile, data.Length - start);
            var tile = isDirect ? doubles.Slice(start, count) : scratch.AsSpan(0, count);
            if (!isDirect)
            {
                NumericColumn.ToDoubles(data, start, scratch.AsSpan(0, count));
                var valid = nulls == 0 ? count : Compact(scratch.AsSpan(0, count), validity, data.Offset + start);
                tile = scratch.AsSpan(0, valid);
            }

            // Tiles are merged as distances from one value: means near 1e9 would lose what M2 needs of their difference.
            if (total.Count == 0 && !tile.IsEmpty && Math.Abs(tile[0]) < LargestOrigin)
            {
                origin = tile[0];
            }

            total = total.Merge(MomentsKernel.OfTile(tile, origin));
        }

        GC.KeepAlive(column);
        return total with { Mean = origin + total.Mean };
    }

    /// <summary>
    /// Gives (x - mean) / divisor for each value x. It is a true division, so a row scaled alone has the same bits as in its
    /// column, on every machine.
    /// </summary>
    /// <param name="column">The column; nulls stay null.</param>
    /// <param name="mean">What is taken off.</param>
    /// <param name="divisor">What is divided by; 0 gives infinities and NaN, as IEEE 754 says.</param>
    /// <param name="name">The column's name, for errors.</param>
    /// <exception cref="NotSupportedException">The column is not numeric.</exception>
    public static DoubleArray Scale(IArrowArray column, double mean, double divisor, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(column);
        var data = column.Data;
        NumericColumn.CheckNumeric(data.DataType, name);
        var buffer = GC.AllocateUninitializedArray<byte>(checked(data.Length * sizeof(double)));
        var target = MemoryMarshal.Cast<byte, double>(buffer.AsSpan());
        if (data.DataType.TypeId is ArrowTypeId.Double)
        {
            ScaleValues(ColumnLayout.Values<double>(data), target, mean, divisor);
        }
        else
        {
            for (var start = 0; start < data.Length; start += MomentsKernel.Tile)
            {
                var tile = target.Slice(start, Math.Min(MomentsKernel.Tile, data.Length - start));
                NumericColumn.ToDoubles(data, start, tile);
                ScaleValues(tile, tile, mean, divisor);
            }
        }

        var nulls = ColumnLayout.Nulls(data);
        var values = new ArrowBuffer(buffer);
        var validity = ColumnLayout.CopyValidity(data);
        GC.KeepAlive(column);
        return new DoubleArray(values, validity, data.Length, nulls, 0);
    }

    /// <summary>Gives a column's values as doubles; integers beyond 2^53 are rounded to nearest, and a null becomes NaN.</summary>
    /// <param name="column">The column.</param>
    /// <param name="destination">Where the values go; as long as the column.</param>
    /// <param name="name">The column's name, for errors.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> has another length than the column.</exception>
    /// <exception cref="NotSupportedException">The column is not numeric.</exception>
    public static void ToDoubles(IArrowArray column, Span<double> destination, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(column);
        var data = column.Data;
        NumericColumn.CheckNumeric(data.DataType, name);
        if (destination.Length != data.Length)
        {
            throw new ArgumentException(
                $"The destination has {destination.Length} elements, the column {data.Length} rows: they must be equally many.",
                nameof(destination)
            );
        }

        NumericColumn.ToDoubles(data, 0, destination);
        if (!ColumnLayout.HasNulls(data))
        {
            return;
        }

        var validity = data.Buffers[0].Span;
        for (var row = 0; row < destination.Length; row++)
        {
            destination[row] = Bitmap.Get(validity, data.Offset + row) ? destination[row] : double.NaN;
        }

        GC.KeepAlive(column);
    }

    private static int Compact(Span<double> values, ReadOnlySpan<byte> validity, int offset)
    {
        var kept = 0;
        for (var i = 0; i < values.Length; i++)
        {
            values[kept] = values[i];
            kept += Bitmap.Get(validity, offset + i) ? 1 : 0;
        }

        return kept;
    }

    // Compiled at once to its best: a few calls on large columns are a usual run, and the quick first code is 50 times slower.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScaleValues(ReadOnlySpan<double> values, Span<double> target, double mean, double divisor)
    {
        ref var source = ref MemoryMarshal.GetReference(values);
        ref var result = ref MemoryMarshal.GetReference(target);
        var means = Vector512.Create(mean);
        var divisors = Vector512.Create(divisor);
        var i = 0;
        for (; i <= values.Length - Vector512<double>.Count; i += Vector512<double>.Count)
        {
            var scaled = (Vector512.LoadUnsafe(ref source, (nuint)i) - means) / divisors;
            scaled.StoreUnsafe(ref result, (nuint)i);
        }

        for (; i < values.Length; i++)
        {
            target[i] = (values[i] - mean) / divisor;
        }
    }
}
