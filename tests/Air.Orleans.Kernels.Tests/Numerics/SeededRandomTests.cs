using Air.Orleans.Kernels.Numerics;

namespace Air.Orleans.Kernels.Tests.Numerics;

public class SeededRandomTests
{
    [Fact]
    public void NextUInt64_SameSeed_GivesTheSameNumbersForEver()
    {
        var random = new SeededRandom(42);
        // Golden: a change here changes every seeded run there was.
        Assert.Equal(
            [1546998764402558742UL, 6990951692964543102UL, 12544586762248559009UL, 17057574109182124193UL],
            Enumerable.Range(0, 4).Select(_ => random.NextUInt64())
        );
    }

    [Fact]
    public void Fork_Streams_DependOnSeedAndNumberOnly()
    {
        var random = new SeededRandom(1);
        var first = random.Fork(3).NextUInt64();
        random.NextUInt64();
        Assert.Equal(first, random.Fork(3).NextUInt64());
        var seen = Enumerable.Range(0, 1000).Select(i => random.Fork((ulong)i).NextUInt64()).ToHashSet();
        Assert.Equal(1000, seen.Count);
        Assert.NotEqual(first, new SeededRandom(2).Fork(3).NextUInt64());
    }

    [Fact]
    public void NextInt_ManyDraws_AreEven()
    {
        var random = new SeededRandom(5);
        var counts = new int[7];
        for (var i = 0; i < 700_000; i++)
        {
            counts[random.NextInt(7)]++;
        }

        // 5 standard deviations of a binomial count are about 1464.
        Assert.All(counts, count => Assert.InRange(count, 98_500, 101_500));
        Assert.Equal(0, random.NextInt(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt(0));
    }

    [Fact]
    public void NextDoubleAndGaussian_ManyDraws_HaveTheirMoments()
    {
        var random = new SeededRandom(6);
        var uniforms = Enumerable.Range(0, 200_000).Select(_ => random.NextDouble()).ToList();
        Assert.All(uniforms, value => Assert.InRange(value, 0, 1 - double.Epsilon));
        Assert.Equal(0.5, uniforms.Average(), 0.005);
        var normals = Enumerable.Range(0, 200_000).Select(_ => random.NextGaussian()).ToList();
        Assert.Equal(0, normals.Average(), 0.015);
        Assert.Equal(1, normals.Average(value => value * value), 0.02);
        Assert.Equal(3, normals.Average(value => Math.Pow(value, 4)), 0.15);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public void Create_AnyCount_IsAPermutationThatTheSeedDecides(int count)
    {
        var order = Permutation.Create(count, 9);
        Assert.Equal(Enumerable.Range(0, count), order.Order());
        Assert.Equal(order, Permutation.Create(count, 9));
        Assert.True(count < 2 || !order.SequenceEqual(Permutation.Create(count, 10)));
    }

    [Fact]
    public void Create_AllSeeds_GivesEveryOrderEquallyOften()
    {
        var counts = Enumerable.Range(0, 24_000).GroupBy(seed => string.Join(',', Permutation.Create(4, (ulong)seed)));
        Assert.Equal(24, counts.Count());
        Assert.All(counts, group => Assert.InRange(group.Count(), 830, 1170));
    }
}
