using Air.Orleans.Kernels.Columns;
using Air.Orleans.Kernels.Numerics;
using Apache.Arrow;

namespace Air.Orleans.Kernels.Tests.Columns;

public class ColumnMathTests
{
    private static readonly string[] Numeric =
    [
        "double",
        "double?",
        "float",
        "int64?",
        "int32",
        "int16?",
        "int8",
        "uint8?",
        "uint16",
        "uint32?",
        "uint64",
        "bool?",
        "bool",
    ];

    private static DoubleArray Column(IEnumerable<double> values) =>
        new DoubleArray.Builder().AppendRange(values).Build();

    private static double[] Gaussians(int count, double offset, double scale)
    {
        var random = new SeededRandom(7);
        return [.. Enumerable.Range(0, count).Select(_ => offset + (random.NextGaussian() * scale))];
    }

    // Two passes in decimal arithmetic of 28 digits.
    private static (double Mean, double M2) Reference(double[] values)
    {
        var mean = values.Sum(Exactly) / values.Length;
        return ((double)mean, (double)values.Sum(value => (Exactly(value) - mean) * (Exactly(value) - mean)));
    }

    // The conversion from double keeps 15 digits only: convert whole part and fraction apart.
    private static decimal Exactly(double value) => (decimal)Math.Floor(value) + (decimal)(value - Math.Floor(value));

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(2, 5, 1)]
    [InlineData(31, 0, 1)]
    [InlineData(33, 0, 3)]
    [InlineData(2048, 100, 1)]
    [InlineData(10_001, 1e9, 1)]
    [InlineData(10_001, -1e9, 1e-3)]
    [InlineData(50_000, 1e6, 1e3)]
    public void Moments_AnyOffset_AgreeWithTwoPasses(int count, double offset, double scale)
    {
        var values = Gaussians(count, offset, scale);
        var (mean, m2) = Reference(values);
        var moments = ColumnMath.Moments(Column(values));
        Assert.Equal(count, moments.Count);
        Assert.Equal(mean, moments.Mean, Math.Abs(mean) * 1e-15 + scale * 1e-14);
        Assert.Equal(m2, moments.M2, (m2 * 1e-11) + (offset == 0 ? 0 : 1e-30));
        Assert.Equal(values.Min(), moments.Min);
        Assert.Equal(values.Max(), moments.Max);
        Assert.Equal(count > 1 ? moments.M2 / (count - 1) : double.NaN, moments.Variance(1));
        Assert.Equal(Math.Sqrt(moments.M2 / count), moments.StandardDeviation());
    }

    [Fact]
    public void Moments_EveryTypeWithNullsAndSlices_AgreeWithPlainLoop()
    {
        var batch = BatchKernels.Slice(Batches.Create(5000, 4), 13, 4900);
        foreach (var name in Numeric)
        {
            var column = batch.Column(name);
            var doubles = new double[column.Length];
            ColumnMath.ToDoubles(column, doubles, name);
            var values = doubles.Where(value => !double.IsNaN(value)).ToList();
            var mean = values.Average();
            var moments = ColumnMath.Moments(column, name);
            Assert.Equal(column.Length - column.NullCount, moments.Count);
            Assert.Equal(column.NullCount, moments.Nulls);
            Assert.Equal(mean, moments.Mean, Math.Max(values.Max(), 1) * 1e-13);
            Assert.Equal(1, moments.M2 / values.Sum(value => (value - mean) * (value - mean)), 1e-10);
            Assert.Equal(values.Min(), moments.Min);
            Assert.Equal(values.Max(), moments.Max);
        }
    }

    [Fact]
    public void ToDoubles_EveryType_GivesTheValuesOfArrow()
    {
        var batch = BatchKernels.Slice(Batches.Create(300, 4), 5, 290);
        foreach (var name in Numeric)
        {
            var column = BatchKernels.Select(batch, [name]);
            var doubles = new double[290];
            ColumnMath.ToDoubles(column.Column(0), doubles);
            var expected = Batches
                .Rows(column)
                .Select(text =>
                    text switch
                    {
                        "null!" => double.NaN,
                        "True" => 1,
                        "False" => 0,
                        _ when name == "float" => float.Parse(text),
                        _ => double.Parse(text),
                    }
                );
            Assert.Equal(expected, doubles);
        }
    }

    [Fact]
    public void Merge_AnyCut_GivesTheMomentsOfTheWhole()
    {
        var values = Gaussians(9000, 1e6, 2);
        var whole = ColumnMath.Moments(Column(values));
        foreach (var cut in (int[])[0, 1, 100, 4500, 8999, 9000])
        {
            var left = ColumnMath.Moments(Column(values[..cut]));
            var right = ColumnMath.Moments(Column(values[cut..]));
            foreach (
                var merged in (Moments[])[left.Merge(right), right.Merge(left), Moments.Empty.Merge(left).Merge(right)]
            )
            {
                Assert.Equal(whole.Count, merged.Count);
                Assert.Equal(whole.Mean, merged.Mean, 1e-8);
                Assert.Equal(1, merged.M2 / whole.M2, 1e-11);
                Assert.Equal((whole.Min, whole.Max), (merged.Min, merged.Max));
            }
        }
    }

    [Fact]
    public void Moments_NoValues_AreEmpty()
    {
        Assert.Equal(Moments.Empty, ColumnMath.Moments(Column([])));
        var nulls = new DoubleArray.Builder().AppendNull().AppendNull().Build();
        Assert.Equal(Moments.Empty with { Nulls = 2 }, ColumnMath.Moments(nulls));
        Assert.Equal(double.NaN, Moments.Empty.Variance());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(4999)]
    public void Moments_NaNAnywhere_Spreads(int place)
    {
        var values = Gaussians(5000, 0, 1);
        values[place] = double.NaN;
        var moments = ColumnMath.Moments(Column(values));
        Assert.Equal(
            (5000, double.NaN, double.NaN, double.NaN),
            (moments.Count, moments.Mean, moments.Min, moments.Max)
        );
        Assert.Equal(double.NaN, moments.M2);
    }

    [Fact]
    public void Moments_InfinityAndHugeValues_KeepMeanAndRange()
    {
        var infinite = ColumnMath.Moments(Column([1, double.PositiveInfinity, 2]));
        Assert.Equal(
            (double.PositiveInfinity, 1, double.PositiveInfinity),
            (infinite.Mean, infinite.Min, infinite.Max)
        );
        var huge = ColumnMath.Moments(Column([1e308, 1.5e308, -1e308]));
        Assert.Equal(5e307, huge.Mean, 1e294);
        Assert.Equal((-1e308, 1.5e308), (huge.Min, huge.Max));
    }

    [Fact]
    public void Scale_WholeColumnAndOneRow_GiveTheSameBits()
    {
        var batch = BatchKernels.Slice(Batches.Create(3000, 4), 3, 2991);
        foreach (var name in Numeric)
        {
            var column = batch.Column(name);
            var scaled = ColumnMath.Scale(column, 0.1, 0.7, name);
            Assert.Equal(column.NullCount, scaled.NullCount);
            var doubles = new double[column.Length];
            ColumnMath.ToDoubles(column, doubles);
            for (var row = 0; row < column.Length; row++)
            {
                double? expected = column.IsNull(row) ? null : (doubles[row] - 0.1) / 0.7;
                Assert.Equal(expected, scaled.GetValue(row));
                if (row % 100 == 0)
                {
                    var one = BatchKernels.Slice(BatchKernels.Select(batch, [name]), row, 1);
                    Assert.Equal(expected, ColumnMath.Scale(one.Column(0), 0.1, 0.7).GetValue(0));
                }
            }
        }
    }

    [Fact]
    public void Moments_TextColumn_NamesColumnAndType()
    {
        var error = Assert.Throws<NotSupportedException>(() =>
            ColumnMath.Moments(Batches.Create(1, 1).Column("text"), "text")
        );
        Assert.Contains("Column 'text' has the type utf8", error.Message, StringComparison.Ordinal);
    }
}
