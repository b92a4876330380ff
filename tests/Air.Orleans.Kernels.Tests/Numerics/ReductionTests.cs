using Air.Orleans.Kernels.Numerics;

namespace Air.Orleans.Kernels.Tests.Numerics;

public class ReductionTests
{
    private static float[] Vector(int length, ulong seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)random.NextGaussian())];
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(47)]
    [InlineData(10_007)]
    public void SumAndScale_AnyLength_GiveTheBitsOfThePlainLoop(int length)
    {
        float[][] sources = [Vector(length, 1), Vector(length, 2), Vector(length, 3)];
        var expected = Enumerable
            .Range(0, length)
            .Select(i => (sources[0][i] + sources[1][i]) + sources[2][i])
            .ToArray();

        var accumulator = sources[0].ToArray();
        Reduction.Sum(accumulator, sources[1]);
        Reduction.Sum(accumulator, sources[2]);
        Assert.Equal(expected, accumulator);

        var destination = new float[length];
        Reduction.SumInto(destination, [.. sources.Select(source => new ReadOnlyMemory<float>(source))]);
        Assert.Equal(expected, destination);

        Reduction.Scale(destination, 0.3f);
        Assert.Equal(expected.Select(value => value * 0.3f), destination);
    }

    [Fact]
    public void Sum_OtherLength_SaysBoth()
    {
        var error = Assert.Throws<ArgumentException>(() => Reduction.Sum(new float[3], new float[4]));
        Assert.Contains("A source has 4 elements, the destination 3", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Reduction.SumInto(new float[3], []));
    }
}
