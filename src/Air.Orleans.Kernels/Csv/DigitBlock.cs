using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Air.Orleans.Kernels.Csv;

/// <summary>
/// Reads the short plain numbers that most cells are, sixteen characters at once and without a branch per character. What
/// it does not take (exponents, spaces, quotes, long numbers) it leaves to <see cref="NumberText"/>.
/// </summary>
internal static class DigitBlock
{
    private const int Width = 16;
    private const ulong ExactIntegers = 1UL << 53;

    // Loaded at [n..n+16]: the last n bytes are all ones.
    private static ReadOnlySpan<byte> KeepLast =>
        [
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            255,
            255,
            255,
            255,
            255,
            255,
            255,
            255,
            255,
            255,
            255,
            255,
            255,
            255,
            255,
            255,
        ];

    private static readonly Vector128<byte>[] CloseGap = MakeCloseGap();

    // Powers up to 10^22 are exact doubles; a quotient of two exact doubles is rounded once, as the correct result is
    // (Clinger, "How to Read Floating Point Numbers Accurately", PLDI 1990, section 3).
    private static readonly double[] Powers =
    [
        1e0,
        1e1,
        1e2,
        1e3,
        1e4,
        1e5,
        1e6,
        1e7,
        1e8,
        1e9,
        1e10,
        1e11,
        1e12,
        1e13,
        1e14,
        1e15,
    ];

    /// <summary>Reads digits with at most one point, and a sign, from text[start..end].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryDouble(ReadOnlySpan<byte> text, int start, int end, out double value)
    {
        if (TryRead(text, start, end, out var digits, out var fraction, out var negative) && digits <= ExactIntegers)
        {
            value = digits / Powers[fraction];
            value = negative ? -value : value;
            return true;
        }

        value = 0;
        return false;
    }

    /// <summary>Reads digits and a sign from text[start..end].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryInt64(ReadOnlySpan<byte> text, int start, int end, out long value)
    {
        if (TryRead(text, start, end, out var digits, out var fraction, out var negative) && fraction == 0)
        {
            value = negative ? -(long)digits : (long)digits;
            // "5." has no fraction digits either, and is no whole number.
            return text[end - 1] != (byte)'.';
        }

        value = 0;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryRead(
        ReadOnlySpan<byte> text,
        int start,
        int end,
        out ulong digits,
        out int fraction,
        out bool negative
    )
    {
        digits = 0;
        fraction = 0;
        negative = false;
        if (!Sse41.IsSupported || end < Width || end > text.Length || (uint)(end - start - 1) >= Width + 1)
        {
            return false;
        }

        ref var origin = ref MemoryMarshal.GetReference(text);
        negative = Unsafe.Add(ref origin, start) == (byte)'-';
        var length = end - start - (negative ? 1 : 0);
        if ((uint)(length - 1) >= Width)
        {
            return false;
        }

        var keep = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(KeepLast), (nuint)length);
        var characters = Vector128.LoadUnsafe(ref Unsafe.Add(ref origin, end - Width));
        var points = (Vector128.Equals(characters, Vector128.Create((byte)'.')) & keep).ExtractMostSignificantBits();
        var point = Math.Min(System.Numerics.BitOperations.TrailingZeroCount(points), Width);
        fraction = point == Width ? 0 : Width - 1 - point;
        var values = (characters - Vector128.Create((byte)'0')) & keep;
        values = Ssse3.Shuffle(values, CloseGap[point]);
        if (Vector128.GreaterThanAny(values, Vector128.Create((byte)9)) || (length == 1 && point < Width))
        {
            return false;
        }

        var pairs = Ssse3.MultiplyAddAdjacent(values, Vector128.Create((ushort)0x010A).AsSByte());
        var fours = Sse2.MultiplyAddAdjacent(pairs, Vector128.Create(0x00010064).AsInt16());
        var packed = Sse41.PackUnsignedSaturate(fours, fours).AsInt16();
        var eights = Sse2.MultiplyAddAdjacent(packed, Vector128.Create(0x00012710).AsInt16()).AsUInt64().ToScalar();
        digits = ((eights & uint.MaxValue) * 100_000_000) + (eights >> 32);
        return true;
    }

    // The shuffle for a point at index p moves the digits before it one to the right; index 16 is "no point".
    private static Vector128<byte>[] MakeCloseGap()
    {
        var shuffles = new Vector128<byte>[Width + 1];
        Span<byte> indices = stackalloc byte[Width];
        for (var point = 0; point <= Width; point++)
        {
            for (var i = 0; i < Width; i++)
            {
                indices[i] = (byte)(point == Width || i > point ? i : i - 1);
            }

            shuffles[point] = Vector128.Create((ReadOnlySpan<byte>)indices);
        }

        return shuffles;
    }
}
