using Air.Orleans.Train.Control;

namespace Air.Orleans.Train.Tests.Control;

public sealed class PolicyTests
{
    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(3, 0, false)]
    [InlineData(4, 0, true)]
    [InlineData(0, 1, true)]
    public void EndsAfter_Defaults_AllowThreeLossesAndNoError(int losses, int errors, bool ends) =>
        Assert.Equal(ends, FailurePolicy.EndsAfter(new(), losses, errors, "It broke.") is not null);

    [Fact]
    public void EndsAfter_Unlimited_NeverEnds() =>
        Assert.Null(FailurePolicy.EndsAfter(new() { MaxErrors = -1, MaxSiloLosses = -1 }, 99, 99, "It broke."));

    [Theory]
    [InlineData(569, 4)]
    [InlineData(8, 3)]
    [InlineData(2, 5)]
    [InlineData(0, 2)]
    public void Rows_AnyWorldSize_PartitionWithoutLoss(long total, int worldSize)
    {
        var next = 0L;
        for (var rank = 0; rank < worldSize; rank++)
        {
            var (start, count) = ShardPlan.Rows(total, rank, worldSize);
            Assert.Equal(next, start);
            Assert.InRange(ShardPlan.Longest(total, worldSize) - count, 0, 1);
            next += count;
        }

        Assert.Equal(total, next);
    }

    [Fact]
    public void Order_OneRowLess_RepeatsItsFirstAndDependsOnSeedEpochAndRank()
    {
        var order = ShardPlan.Order(20, 21, seed: 7, epoch: 3, rank: 1);

        Assert.Equal(Enumerable.Range(0, 20), order.Take(20).Order());
        Assert.Equal(order[0], order[20]);
        Assert.Equal(order, ShardPlan.Order(20, 21, 7, 3, 1));
        Assert.NotEqual(order, ShardPlan.Order(20, 21, 8, 3, 1));
        Assert.NotEqual(order, ShardPlan.Order(20, 21, 7, 4, 1));
        Assert.NotEqual(order, ShardPlan.Order(20, 21, 7, 3, 0));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void Check_NotFinite_NamesMetricAndReport(double value)
    {
        var metrics = new Dictionary<string, double> { ["loss"] = value };

        var error = Assert.Throws<TrainingException>(() => MetricRules.Check(metrics, 3, allowNonFinite: false));

        Assert.Contains("metric 'loss' is", error.Message, StringComparison.Ordinal);
        Assert.Contains("in report 3", error.Message, StringComparison.Ordinal);
        MetricRules.Check(metrics, 3, allowNonFinite: true);
    }
}
