namespace Air.Orleans.Core.Tests.Resources;

public sealed class ResourceSetTests
{
    [Fact]
    public void ResourceSet_Arithmetic_CoversAllNames()
    {
        var left = ResourceSet.Parse("CPU=2,gpu=1,memory=8GB,licence=3");
        var right = ResourceSet.Parse("CPU=1,memory=2GB,licence=1");

        Assert.Equal("1 CPU, 1 GPU, 6 GB memory, 2 licence", (left - right).ToString());
        Assert.Equal("3 CPU, 1 GPU, 10 GB memory, 4 licence", (left + right).ToString());
        Assert.True(left.Covers(right));
        Assert.False(right.Covers(left));
        Assert.Equal("nothing", new ResourceSet().ToString());
    }

    [Theory]
    [InlineData("CPU")]
    [InlineData("CPU=x")]
    [InlineData("GPU=-1")]
    [InlineData("memory=8XB")]
    public void Parse_NotAnAmount_Throws(string text) => Assert.Throws<FormatException>(() => ResourceSet.Parse(text));
}
