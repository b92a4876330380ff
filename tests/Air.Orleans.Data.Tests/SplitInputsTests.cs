using Air.Orleans.Data.Execution;

namespace Air.Orleans.Data.Tests;

public sealed class SplitInputsTests
{
    [Theory]
    [InlineData(0, 10, 0, 1)]
    [InlineData(0, 11, 0, 2)]
    [InlineData(9, 2, 0, 2)]
    [InlineData(10, 10, 1, 1)]
    [InlineData(20, 5, 3, 1)]
    [InlineData(5, 20, 0, 4)]
    [InlineData(24, 1, 3, 1)]
    [InlineData(20, 0, 3, 1)]
    public void Inputs_OfConsecutiveRows_AreTheBlocksThatHoldThem(long start, int rows, int first, int count) =>
        Assert.Equal((first, count), SplitPlan.Inputs([10, 10, 0, 5], start, rows));
}
