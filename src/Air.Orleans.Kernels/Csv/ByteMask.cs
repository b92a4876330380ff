using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Air.Orleans.Kernels.Csv;

/// <summary>Turns 64 bytes of text into 64-bit masks: bit i speaks of byte i.</summary>
internal static class ByteMask
{
    /// <summary>How many bytes one mask covers.</summary>
    public const int Width = 64;

    /// <summary>Gives the bits of the bytes that equal <paramref name="value"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ref byte text, byte value)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Vector512
                .Equals(Vector512.LoadUnsafe(ref text), Vector512.Create(value))
                .ExtractMostSignificantBits();
        }

        var wanted = Vector256.Create(value);
        var low = Vector256.Equals(Vector256.LoadUnsafe(ref text), wanted).ExtractMostSignificantBits();
        var high = Vector256.Equals(Vector256.LoadUnsafe(ref text, 32), wanted).ExtractMostSignificantBits();
        return low | ((ulong)high << 32);
    }

    /// <summary>
    /// Gives the bits that stand after an odd number of set bits (a set bit counts for itself): from the mask of quotes, the
    /// mask of what is inside quotes. It is the carry-less product with all ones (Langdale and Lemire, "Parsing Gigabytes of
    /// JSON per Second", VLDB Journal 2019, section 3.1.1).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong PrefixXor(ulong bits)
    {
        if (Pclmulqdq.IsSupported)
        {
            return Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(bits), Vector128<ulong>.AllBitsSet, 0).ToScalar();
        }

        bits ^= bits << 1;
        bits ^= bits << 2;
        bits ^= bits << 4;
        bits ^= bits << 8;
        bits ^= bits << 16;
        bits ^= bits << 32;
        return bits;
    }
}
