using System.Text.Json;

namespace Air.Orleans.Tune.Tests;

public sealed class DomainTests
{
    private const int Draws = 20_000;

    [Fact]
    public void LogUniform_ManyDraws_HaveTheQuantilesOfTheLogarithm()
    {
        var draws = Sorted(new LogUniformDomain("x", 1e-4, 1e-2));
        // In logarithms to base 10 the draws are even over [-4, -2): the standard error of a quartile is 0.003 decades.
        Assert.Equal(-3.5, Math.Log10(draws[Draws / 4]), 0.05);
        Assert.Equal(-3.0, Math.Log10(draws[Draws / 2]), 0.05);
        Assert.Equal(-2.5, Math.Log10(draws[3 * Draws / 4]), 0.05);
        Assert.InRange(draws[0], 1e-4, 1.01e-4);
        Assert.InRange(draws[^1], 0.99e-2, Math.BitDecrement(1e-2));
    }

    [Fact]
    public void Uniform_ManyDraws_AreEvenWithinTheBounds()
    {
        var draws = Sorted(new UniformDomain("x", -2, 6));
        Assert.Equal(0, draws[Draws / 4], 0.15);
        Assert.Equal(2, draws[Draws / 2], 0.15);
        Assert.Equal(4, draws[3 * Draws / 4], 0.15);
        Assert.InRange(draws[0], -2, -1.99);
        Assert.InRange(draws[^1], 5.99, Math.BitDecrement(6.0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WholeNumbers_ManyDraws_NeverReachTheUpperBound(bool isUniform)
    {
        Domain domain = isUniform ? new UniformDomain("x", -3, 2, NumberKind.Whole) : new IntegerDomain("x", -3, 2);
        var counts = Enumerable.Range(0, Draws).CountBy(i => Draw(domain, i).GetInt64()).ToDictionary();
        Assert.Equal([-3, -2, -1, 0, 1], counts.Keys.Order());
        Assert.All(counts.Values, count => Assert.InRange(count, 3700, 4300));
    }

    [Fact]
    public void Uniform_WidestBounds_StaysFinite()
    {
        var domain = new UniformDomain("x", -double.MaxValue, double.MaxValue);
        Assert.All(Enumerable.Range(0, 100), i => Assert.True(double.IsFinite(Draw(domain, i).GetDouble())));
    }

    [Fact]
    public void Uniform_AdjacentBounds_GivesTheLowerAlways()
    {
        var doubles = new UniformDomain("x", 1, Math.BitIncrement(1.0));
        var floats = new UniformDomain("x", 1, MathF.BitIncrement(1f), NumberKind.SinglePrecision);
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(1.0, Draw(doubles, i).GetDouble());
            Assert.Equal(1f, Draw(floats, i).GetSingle());
        }
    }

    [Fact]
    public void Uniform_NoFloatBetweenBounds_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            new UniformDomain("x", 1.00000001, 1.00000002, NumberKind.SinglePrecision)
        );
        Assert.Contains("no float lies between", error.Message);
    }

    [Fact]
    public void RandInt_WholeRangeOfLong_IsDrawn()
    {
        var domain = new IntegerDomain("x", long.MinValue, long.MaxValue);
        var draws = Enumerable.Range(0, 200).Select(i => Draw(domain, i).GetInt64()).ToList();
        Assert.Contains(draws, draw => draw < long.MinValue / 2);
        Assert.Contains(draws, draw => draw > long.MaxValue / 2);
    }

    [Fact]
    public void Json_BoundsOutOfOrder_IsRefusedOnReading()
    {
        var json = """{"kind":"uniform","Name":"x","Low":2,"High":1,"number":"DoublePrecision"}""";
        Assert.Throws<ArgumentException>(() => JsonSerializer.Deserialize<Domain>(json));
    }

    private static JsonElement Draw(Domain domain, int trial)
    {
        var random = new SplitMix64(11, trial, domain.Name);
        return domain.Sample(ref random);
    }

    private static double[] Sorted(Domain domain) =>
        [.. Enumerable.Range(0, Draws).Select(i => Draw(domain, i).GetDouble()).Order()];
}
