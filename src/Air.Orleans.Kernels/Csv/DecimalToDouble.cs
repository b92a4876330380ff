using System.Numerics;

namespace Air.Orleans.Kernels.Csv;

/// <summary>
/// Gives the double nearest to w * 10^q. Lemire, "Number Parsing at a Gigabyte per Second", Software: Practice and
/// Experience 51(8), 2021, sections 5 to 8; that no further check of the product is needed is shown in Mushtak and Lemire,
/// "Fast Number Parsing Without Fallback", 2023.
/// </summary>
internal static class DecimalToDouble
{
    private const int MinPower = -342;
    private const int MaxPower = 308;
    private const int MantissaBits = 52;
    private const int InfinitePower = 0x7FF;

    private static readonly ulong[] High = new ulong[MaxPower - MinPower + 1];
    private static readonly ulong[] Low = new ulong[MaxPower - MinPower + 1];

    static DecimalToDouble()
    {
        for (var power = MinPower; power <= MaxPower; power++)
        {
            var bits = Significand(power);
            High[power - MinPower] = (ulong)(bits >> 64);
            Low[power - MinPower] = (ulong)(bits & ulong.MaxValue);
        }
    }

    /// <summary>Rounds <paramref name="w"/> * 10^<paramref name="q"/> to nearest, ties to even.</summary>
    /// <param name="w">All significant digits as one whole number; it must not be a truncated one.</param>
    /// <param name="q">The power of ten.</param>
    public static double Convert(ulong w, long q)
    {
        if (w == 0 || q < MinPower)
        {
            return 0;
        }

        if (q > MaxPower)
        {
            return double.PositiveInfinity;
        }

        var zeros = BitOperations.LeadingZeroCount(w);
        w <<= zeros;
        var index = (int)q - MinPower;
        var high = Math.BigMul(w, High[index], out var low);
        // The lower 64 bits of the power only matter when all bits below the mantissa are ones.
        if ((high & 0x1FF) == 0x1FF)
        {
            var carry = Math.BigMul(w, Low[index], out _);
            low += carry;
            high += low < carry ? 1UL : 0UL;
        }

        var upper = (int)(high >> 63);
        var shift = upper + 64 - MantissaBits - 3;
        var mantissa = high >> shift;
        // 217706 / 2^16 approximates log2(10) closely enough for every power in the table.
        var exponent = (int)((217706 * q) >> 16) + 63 + upper - zeros + 1023;
        if (exponent <= 0)
        {
            return Subnormal(mantissa, exponent);
        }

        // Exactly between two doubles: take the even one. Only small powers can hit the middle.
        if (low <= 1 && q is >= -4 and <= 23 && (mantissa & 3) == 1 && mantissa << shift == high)
        {
            mantissa &= ~1UL;
        }

        mantissa = (mantissa + (mantissa & 1)) >> 1;
        if (mantissa >= 2UL << MantissaBits)
        {
            mantissa = 1UL << MantissaBits;
            exponent++;
        }

        return exponent >= InfinitePower
            ? double.PositiveInfinity
            : BitConverter.UInt64BitsToDouble((mantissa & ~(1UL << MantissaBits)) | ((ulong)exponent << MantissaBits));
    }

    private static double Subnormal(ulong mantissa, int exponent)
    {
        var shift = 1 - exponent;
        if (shift >= 64)
        {
            return 0;
        }

        mantissa >>= shift;
        mantissa = (mantissa + (mantissa & 1)) >> 1;
        // Rounding up to 2^52 gives the smallest normal number: its bits are the same as the mantissa's.
        return BitConverter.UInt64BitsToDouble(mantissa);
    }

    // The top 128 bits of 5^power: cut off for powers >= 0, rounded up for reciprocals.
    private static BigInteger Significand(int power)
    {
        if (power >= 0)
        {
            var value = BigInteger.Pow(5, power);
            var surplus = (int)value.GetBitLength() - 128;
            return surplus >= 0 ? value >> surplus : value << -surplus;
        }

        var divisor = BigInteger.Pow(5, -power);
        var length = (int)divisor.GetBitLength();
        var wide = (BigInteger.One << ((2 * length) + 128)) / divisor + 1;
        return wide >> ((int)wide.GetBitLength() - 128);
    }
}
