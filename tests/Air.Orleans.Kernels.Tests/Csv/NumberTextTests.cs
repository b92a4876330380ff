using System.Globalization;
using System.Text;
using Air.Orleans.Kernels.Csv;
using Air.Orleans.Kernels.Numerics;

namespace Air.Orleans.Kernels.Tests.Csv;

/// <summary>All ways to read a number, against the framework's own.</summary>
public class NumberTextTests
{
    private static readonly string[] Formats = ["R", "E16", "F3", "G5", "E0", "F9", "G17", "E20"];

    private static void Check(string text)
    {
        var isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var expected);
        var bytes = Encoding.UTF8.GetBytes(text);
        Assert.Equal(isNumber, NumberText.TryDouble(bytes, out var actual));
        Assert.True(!isNumber || Bits(expected) == Bits(actual), $"{text}: {expected:R} and {actual:R}");

        // The fast way may leave a cell to the careful one, but must not read it otherwise.
        var padded = Encoding.UTF8.GetBytes("1234567890123456," + text + ",9");
        if (DigitBlock.TryDouble(padded, 17, 17 + bytes.Length, out var fast))
        {
            Assert.True(isNumber && Bits(expected) == Bits(fast), $"{text}: {expected:R} and {fast:R}");
        }
    }

    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);

    [Fact]
    public void TryDouble_RandomBits_GivesTheBitsOfDoubleParse()
    {
        var random = new SeededRandom(1);
        for (var i = 0; i < 150_000; i++)
        {
            var value = BitConverter.UInt64BitsToDouble(random.NextUInt64());
            if (double.IsFinite(value))
            {
                Check(value.ToString(i % 2 == 0 ? "R" : "E16", CultureInfo.InvariantCulture));
            }
        }
    }

    [Fact]
    public void TryDouble_OrdinaryNumbers_GivesTheBitsOfDoubleParse()
    {
        var random = new SeededRandom(2);
        for (var i = 0; i < 150_000; i++)
        {
            var value = random.NextGaussian() * Math.Pow(10, random.NextInt(24) - 8);
            Check(value.ToString(Formats[i % Formats.Length], CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void TryDouble_SubnormalsAndHalfwayCases_GivesTheBitsOfDoubleParse()
    {
        var random = new SeededRandom(3);
        for (var i = 0; i < 50_000; i++)
        {
            Check(BitConverter.UInt64BitsToDouble(random.NextUInt64() >> (12 + random.NextInt(52))).ToString("R"));
            Check($"{random.NextUInt64() >> random.NextInt(64)}e{random.NextInt(700) - 360}");
            // Whole numbers just between two doubles.
            Check($"{((random.NextUInt64() >> 10) | (1UL << 53)) * 2 + 1}");
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-0")]
    [InlineData("-0.0")]
    [InlineData("+1.5")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData(".")]
    [InlineData("-")]
    [InlineData("-.")]
    [InlineData("--1")]
    [InlineData("1.2.3")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("1e5x")]
    [InlineData("1E-05")]
    [InlineData("e5")]
    [InlineData("1,000")]
    [InlineData("0x10")]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(" 1 ")]
    [InlineData("1 2")]
    [InlineData("1e400")]
    [InlineData("-1e-400")]
    [InlineData("1e99999999999999999999")]
    [InlineData("0e99999999999999999999")]
    [InlineData("4.9406564584124654e-324")]
    [InlineData("2.4703282292062327e-324")]
    [InlineData("2.4703282292062328e-324")]
    [InlineData("1.7976931348623157e308")]
    [InlineData("1.7976931348623159e308")]
    [InlineData("2.2250738585072011e-308")]
    [InlineData("2.2250738585072014e-308")]
    [InlineData("9007199254740993")]
    [InlineData("9007199254740992")]
    [InlineData("9999999999999999")]
    [InlineData("0.000000000000001")]
    [InlineData("123456789012345678901234567890.5")]
    [InlineData("-123456789012345678901234567890.5")]
    [InlineData("0.00000000000000000000000000000000001234")]
    public void TryDouble_EdgeCase_AgreesWithDoubleParse(string text) => Check(text);

    [Theory]
    [InlineData("nan", double.NaN)]
    [InlineData("NaN", double.NaN)]
    [InlineData("inf", double.PositiveInfinity)]
    [InlineData("-INF", double.NegativeInfinity)]
    [InlineData("+Infinity", double.PositiveInfinity)]
    [InlineData(" -infinity", double.NegativeInfinity)]
    public void TryDouble_Word_GivesItsValue(string text, double expected)
    {
        Assert.True(NumberText.TryDouble(Encoding.UTF8.GetBytes(text), out var value));
        Assert.Equal(expected, value);
    }

    [Fact]
    public void TryInt64_AnyLength_AgreesWithLongParse()
    {
        var random = new SeededRandom(4);
        string[] edges =
        [
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "-9223372036854775809",
            "5.",
            "",
            "-",
            "+3",
            "1.0",
            "18446744073709551616",
            "007",
            "-0",
            "99999999999999999999",
            "1-",
            ".",
        ];
        var texts = edges.Concat(
            Enumerable.Range(0, 100_000).Select(_ => $"{(long)random.NextUInt64() >> random.NextInt(64)}")
        );
        foreach (var text in texts)
        {
            var isNumber = long.TryParse(
                text,
                NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out var expected
            );
            Assert.Equal(isNumber, NumberText.TryInt64(Encoding.UTF8.GetBytes(text), out var value));
            Assert.True(!isNumber || value == expected);
            var padded = Encoding.UTF8.GetBytes("1234567890123456," + text + ",9");
            if (DigitBlock.TryInt64(padded, 17, padded.Length - 2, out var fast))
            {
                Assert.True(isNumber && fast == expected, text);
            }
        }
    }
}
