using System.Numerics;
using System.Runtime.InteropServices;

namespace Air.Orleans.Kernels.Columns;

/// <summary>Loops over Arrow's packed bits, the lowest bit of a byte first.</summary>
internal static class Bitmap
{
    public static bool Get(ReadOnlySpan<byte> bits, int index) => (bits[index >> 3] & (1 << (index & 7))) != 0;

    public static void Set(Span<byte> bits, int index) => bits[index >> 3] |= (byte)(1 << (index & 7));

    public static int Bytes(int bits) => (int)(((long)bits + 7) / 8);

    /// <summary>Counts the set bits among <paramref name="count"/> bits from <paramref name="offset"/>.</summary>
    public static int CountSet(ReadOnlySpan<byte> bits, int offset, int count)
    {
        var set = 0;
        var end = offset + count;
        for (; offset < end && (offset & 7) != 0; offset++)
        {
            set += Get(bits, offset) ? 1 : 0;
        }

        var whole = bits.Slice(offset >> 3, (end - offset) >> 3);
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(whole))
        {
            set += BitOperations.PopCount(word);
        }

        foreach (var value in whole[(whole.Length & ~7)..])
        {
            set += BitOperations.PopCount(value);
        }

        for (offset += whole.Length * 8; offset < end; offset++)
        {
            set += Get(bits, offset) ? 1 : 0;
        }

        return set;
    }

    /// <summary>Copies bits between any two offsets. The target's bits must be zero before.</summary>
    public static void Copy(ReadOnlySpan<byte> source, int from, Span<byte> target, int to, int count)
    {
        var end = from + count;
        for (; from < end && (to & 7) != 0; from++, to++)
        {
            CopyOne(source, from, target, to);
        }

        var whole = (end - from) >> 3;
        var shift = from & 7;
        if (shift == 0)
        {
            source.Slice(from >> 3, whole).CopyTo(target[(to >> 3)..]);
        }
        else
        {
            for (var i = 0; i < whole; i++)
            {
                var pair = source[(from >> 3) + i] | (source[(from >> 3) + i + 1] << 8);
                target[(to >> 3) + i] = (byte)(pair >> shift);
            }
        }

        from += whole * 8;
        to += whole * 8;
        for (; from < end; from++, to++)
        {
            CopyOne(source, from, target, to);
        }
    }

    private static void CopyOne(ReadOnlySpan<byte> source, int from, Span<byte> target, int to)
    {
        if (Get(source, from))
        {
            Set(target, to);
        }
    }
}
