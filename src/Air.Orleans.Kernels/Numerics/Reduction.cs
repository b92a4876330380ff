using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Air.Orleans.Kernels.Numerics;

/// <summary>
/// Gives sums of float vectors. Elements are added in the order of the arguments, each rounded once, so the result is the
/// same with any vector width. Stateless, hence thread-safe on vectors that no one else writes.
/// </summary>
public static class Reduction
{
    // Destination and one source stay in the first-level cache while the next sources are added.
    private const int Tile = 2048;

    /// <summary>Adds a vector to another: accumulator[i] += addend[i].</summary>
    /// <param name="accumulator">The vector that is changed.</param>
    /// <param name="addend">The vector that is added; of the same length.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Sum(Span<float> accumulator, ReadOnlySpan<float> addend) =>
        SumInto(accumulator, accumulator, addend);

    /// <summary>Gives the sum of two vectors: destination[i] = first[i] + second[i].</summary>
    /// <param name="destination">Where the sum goes; it may be one of the sources, but not overlap them otherwise.</param>
    /// <param name="first">The first vector.</param>
    /// <param name="second">The second vector.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void SumInto(Span<float> destination, ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        CheckLength(destination.Length, first.Length);
        CheckLength(destination.Length, second.Length);
        ref var target = ref MemoryMarshal.GetReference(destination);
        ref var left = ref MemoryMarshal.GetReference(first);
        ref var right = ref MemoryMarshal.GetReference(second);
        var i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i <= destination.Length - 16; i += 16)
            {
                var sum = Vector512.LoadUnsafe(ref left, (nuint)i) + Vector512.LoadUnsafe(ref right, (nuint)i);
                Vector512.StoreUnsafe(sum, ref target, (nuint)i);
            }
        }

        for (; i <= destination.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var sum = Vector.LoadUnsafe(ref left, (nuint)i) + Vector.LoadUnsafe(ref right, (nuint)i);
            sum.StoreUnsafe(ref target, (nuint)i);
        }

        for (; i < destination.Length; i++)
        {
            destination[i] = first[i] + second[i];
        }
    }

    /// <summary>Gives the sum of any number of vectors, added in their order: ((v0 + v1) + v2) + ...</summary>
    /// <param name="destination">Where the sum goes; it must not overlap a source other than the first.</param>
    /// <param name="sources">The vectors, at least one.</param>
    /// <exception cref="ArgumentException">There is no source, or a length differs.</exception>
    public static void SumInto(Span<float> destination, IReadOnlyList<ReadOnlyMemory<float>> sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        if (sources.Count == 0)
        {
            throw new ArgumentException("There are no sources: a sum needs at least one vector.", nameof(sources));
        }

        foreach (var source in sources)
        {
            CheckLength(destination.Length, source.Length);
        }

        for (var start = 0; start < destination.Length; start += Tile)
        {
            var tile = destination[start..Math.Min(start + Tile, destination.Length)];
            sources[0].Span.Slice(start, tile.Length).CopyTo(tile);
            for (var i = 1; i < sources.Count; i++)
            {
                Sum(tile, sources[i].Span.Slice(start, tile.Length));
            }
        }
    }

    /// <summary>Multiplies a vector by a number: values[i] *= factor.</summary>
    /// <param name="values">The vector that is changed.</param>
    /// <param name="factor">The number.</param>
    public static void Scale(Span<float> values, float factor)
    {
        ref var target = ref MemoryMarshal.GetReference(values);
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (Vector.LoadUnsafe(ref target, (nuint)i) * factor).StoreUnsafe(ref target, (nuint)i);
        }

        for (; i < values.Length; i++)
        {
            values[i] *= factor;
        }
    }

    private static void CheckLength(int destination, int source)
    {
        if (destination != source)
        {
            throw new ArgumentException(
                $"A source has {source} elements, the destination {destination}: vectors that are added must be equally long."
            );
        }
    }
}
