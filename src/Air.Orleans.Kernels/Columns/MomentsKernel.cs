using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Air.Orleans.Kernels.Columns;

/// <summary>
/// Sums one tile of values in one pass. Distances are taken from the tile's first value, so that a large common offset does
/// not cancel; always 8 lanes and 4 accumulators wide, so that every machine adds in the same order.
/// </summary>
internal static class MomentsKernel
{
    /// <summary>Values in a tile: 16 KB, and few enough that a sum of one lane keeps its precision.</summary>
    public const int Tile = 2048;

    private const int Stride = 32;

    /// <summary>Gives a tile's moments, with the mean as a distance from <paramref name="origin"/>.</summary>
    public static Moments OfTile(ReadOnlySpan<double> values, double origin)
    {
        if (values.IsEmpty)
        {
            return Moments.Empty;
        }

        var first = values[0];
        Sums(values, first, out var sum, out var squares, out var min, out var max);
        var mean = first - origin + (sum / values.Length);
        var m2 = squares - (sum * sum / values.Length);
        // NaN, infinity, or squares beyond the range of a double: the plain way says which.
        return double.IsFinite(m2) && double.IsFinite(mean)
            ? new Moments(values.Length, 0, mean, Math.Max(m2, 0), min, max)
            : OfExtremes(values, origin);
    }

    // Compiled at once to its best: a few calls on large columns are a usual run, and the quick first code is 50 times slower.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sums(
        ReadOnlySpan<double> values,
        double first,
        out double sum,
        out double squares,
        out double min,
        out double max
    )
    {
        var shift = Vector512.Create(first);
        Vector512<double> sum0 = default,
            sum1 = default,
            sum2 = default,
            sum3 = default;
        Vector512<double> square0 = default,
            square1 = default,
            square2 = default,
            square3 = default;
        Vector512<double> min0 = shift,
            min1 = shift,
            max0 = shift,
            max1 = shift;
        ref var start = ref MemoryMarshal.GetReference(values);
        var i = 0;
        for (; i <= values.Length - Stride; i += Stride)
        {
            var x0 = Vector512.LoadUnsafe(ref start, (nuint)i);
            var x1 = Vector512.LoadUnsafe(ref start, (nuint)i + 8);
            var x2 = Vector512.LoadUnsafe(ref start, (nuint)i + 16);
            var x3 = Vector512.LoadUnsafe(ref start, (nuint)i + 24);
            min0 = Vector512.MinNative(min0, Vector512.MinNative(x0, x1));
            min1 = Vector512.MinNative(min1, Vector512.MinNative(x2, x3));
            max0 = Vector512.MaxNative(max0, Vector512.MaxNative(x0, x1));
            max1 = Vector512.MaxNative(max1, Vector512.MaxNative(x2, x3));
            x0 -= shift;
            x1 -= shift;
            x2 -= shift;
            x3 -= shift;
            sum0 += x0;
            sum1 += x1;
            sum2 += x2;
            sum3 += x3;
            square0 += x0 * x0;
            square1 += x1 * x1;
            square2 += x2 * x2;
            square3 += x3 * x3;
        }

        sum = Vector512.Sum((sum0 + sum1) + (sum2 + sum3));
        squares = Vector512.Sum((square0 + square1) + (square2 + square3));
        min = first;
        max = first;
        var mins = Vector512.MinNative(min0, min1);
        var maxs = Vector512.MaxNative(max0, max1);
        for (var lane = 0; lane < Vector512<double>.Count; lane++)
        {
            min = Math.Min(min, mins[lane]);
            max = Math.Max(max, maxs[lane]);
        }

        for (; i < values.Length; i++)
        {
            var distance = values[i] - first;
            sum += distance;
            squares += distance * distance;
            min = Math.Min(min, values[i]);
            max = Math.Max(max, values[i]);
        }
    }

    private static Moments OfExtremes(ReadOnlySpan<double> values, double origin)
    {
        var mean = 0.0;
        var min = values[0];
        var max = values[0];
        foreach (var value in values)
        {
            // Divided first: the sum of finite values may not be finite, their mean always is.
            mean += value / values.Length;
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }

        var m2 = 0.0;
        foreach (var value in values)
        {
            m2 += (value - mean) * (value - mean);
        }

        return new Moments(values.Length, 0, mean - origin, m2, min, max);
    }
}
