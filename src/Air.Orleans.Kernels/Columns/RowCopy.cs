using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Air.Orleans.Kernels.Columns;

/// <summary>Copies rows of a matrix. Stateless, hence thread-safe.</summary>
public static class RowCopy
{
    /// <summary>Gives rows of a matrix in any order, as a mini-batch is made of a shuffled block.</summary>
    /// <param name="matrix">The values of shape (any, width), row after row.</param>
    /// <param name="width">How many values a row has, at least 1.</param>
    /// <param name="rows">0-based rows of the matrix; a row may come twice.</param>
    /// <param name="destination">The values of shape (rows.Length, width); it must not overlap the matrix.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is not rows.Length * width long.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A row is not in the matrix, or the width is less than 1.</exception>
    public static void Gather(ReadOnlySpan<float> matrix, int width, ReadOnlySpan<int> rows, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (destination.Length != (long)rows.Length * width)
        {
            throw new ArgumentException(
                $"The destination has {destination.Length} values, {rows.Length} rows of {width} have {(long)rows.Length * width}: "
                    + "they must be equally many.",
                nameof(destination)
            );
        }

        var height = matrix.Length / width;
        ref var source = ref MemoryMarshal.GetReference(matrix);
        ref var target = ref MemoryMarshal.GetReference(destination);
        var bytes = (uint)width * sizeof(float);
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            if ((uint)row >= (uint)height)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(rows),
                    $"Row {row} is asked for, the matrix has {height} rows: rows count from 0 and must be in the matrix."
                );
            }

            Unsafe.CopyBlockUnaligned(
                ref Unsafe.As<float, byte>(ref Unsafe.Add(ref target, (nint)i * width)),
                ref Unsafe.As<float, byte>(ref Unsafe.Add(ref source, (nint)row * width)),
                bytes
            );
        }
    }
}
