using System.Globalization;
using System.Runtime.CompilerServices;

namespace Air.Orleans.Kernels.Csv;

/// <summary>Reads numbers and truth values from UTF-8 cells. Spaces and tabs around a value are allowed.</summary>
internal static class NumberText
{
    // More decimal digits than this may not fit into 64 bits.
    private const int MostDigits = 19;
    private const long LargestExponent = 100_000;

    /// <summary>Reads <c>true</c> or <c>false</c>, in any case.</summary>
    public static bool TryBoolean(ReadOnlySpan<byte> cell, out bool value)
    {
        cell = Trim(cell);
        value = System.Text.Ascii.EqualsIgnoreCase(cell, "true"u8);
        return value || System.Text.Ascii.EqualsIgnoreCase(cell, "false"u8);
    }

    /// <summary>Reads a whole number; gives false when it does not fit into 64 bits.</summary>
    public static bool TryInt64(ReadOnlySpan<byte> cell, out long value)
    {
        value = 0;
        cell = Trim(cell);
        if (cell.IsEmpty)
        {
            return false;
        }

        var negative = cell[0] == (byte)'-';
        if (negative || cell[0] == (byte)'+')
        {
            cell = cell[1..];
        }

        if (cell.IsEmpty)
        {
            return false;
        }

        var magnitude = 0UL;
        var limit = (ulong)long.MaxValue + (negative ? 1UL : 0UL);
        foreach (var character in cell)
        {
            var digit = (uint)character - '0';
            if (digit > 9 || magnitude > (limit - digit) / 10)
            {
                return false;
            }

            magnitude = (magnitude * 10) + digit;
        }

        value = (long)(negative ? 0 - magnitude : magnitude);
        return true;
    }

    /// <summary>
    /// Reads a decimal number, NaN or an infinity, to the same bits as <see cref="double.Parse(string)"/> in the
    /// invariant culture.
    /// </summary>
    public static bool TryDouble(ReadOnlySpan<byte> cell, out double value)
    {
        cell = Trim(cell);
        var at = 0;
        var negative = false;
        if (at < cell.Length && cell[at] is (byte)'-' or (byte)'+')
        {
            negative = cell[at++] == (byte)'-';
        }

        var digitsStart = at;
        var mantissa = 0UL;
        at = Digits(cell, at, ref mantissa);
        var digits = at - digitsStart;
        var power = 0L;
        if (at < cell.Length && cell[at] == (byte)'.')
        {
            var fraction = ++at;
            at = Digits(cell, at, ref mantissa);
            power = fraction - at;
            digits += at - fraction;
        }

        if (digits == 0)
        {
            return TryWord(cell[digitsStart..], negative, out value);
        }

        if (at < cell.Length && (cell[at] | 0x20) == 'e')
        {
            if (!TryExponent(cell[(at + 1)..], out var exponent))
            {
                value = 0;
                return false;
            }

            power += exponent;
            at = cell.Length;
        }

        if (at != cell.Length)
        {
            value = 0;
            return false;
        }

        if (digits > MostDigits)
        {
            return double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
        }

        var magnitude = DecimalToDouble.Convert(mantissa, power);
        value = negative ? -magnitude : magnitude;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Digits(ReadOnlySpan<byte> cell, int at, ref ulong mantissa)
    {
        for (; at < cell.Length; at++)
        {
            var digit = (uint)cell[at] - '0';
            if (digit > 9)
            {
                break;
            }

            mantissa = (mantissa * 10) + digit;
        }

        return at;
    }

    private static bool TryExponent(ReadOnlySpan<byte> text, out long exponent)
    {
        exponent = 0;
        var negative = !text.IsEmpty && text[0] == (byte)'-';
        if (negative || (!text.IsEmpty && text[0] == (byte)'+'))
        {
            text = text[1..];
        }

        foreach (var character in text)
        {
            var digit = (uint)character - '0';
            if (digit > 9)
            {
                return false;
            }

            exponent = Math.Min((exponent * 10) + digit, LargestExponent);
        }

        exponent = negative ? -exponent : exponent;
        return !text.IsEmpty;
    }

    private static bool TryWord(ReadOnlySpan<byte> word, bool negative, out double value)
    {
        if (System.Text.Ascii.EqualsIgnoreCase(word, "nan"u8))
        {
            value = double.NaN;
            return true;
        }

        value = negative ? double.NegativeInfinity : double.PositiveInfinity;
        return System.Text.Ascii.EqualsIgnoreCase(word, "inf"u8)
            || System.Text.Ascii.EqualsIgnoreCase(word, "infinity"u8);
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> cell) => cell.Trim(" \t"u8);
}
