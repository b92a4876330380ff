using Air.Orleans.Serve.Routing;

namespace Air.Orleans.Serve.Tests.Routing;

public sealed class ReplicaChoiceTests
{
    private readonly ReplicaTarget[] _all = [new("m/1/0"), new("m/1/1"), new("m/1/2")];

    [Fact]
    public void Choose_LocalWithLessThanABatch_TakesTheLocalOne()
    {
        Begin(_all[2], 3);
        Assert.All(Chosen(_all[2..], maxBatchRows: 4), target => Assert.Same(_all[2], target));
    }

    [Fact]
    public void Choose_LocalWithAWholeBatch_TakesOthersToo()
    {
        Begin(_all[2], 4);
        Assert.All(Chosen(_all[2..], maxBatchRows: 4), target => Assert.NotSame(_all[2], target));
    }

    [Fact]
    public void Choose_WithoutLocal_TakesTheBusiestOfThreeNever()
    {
        Begin(_all[0], 2);
        Begin(_all[1], 1);
        var chosen = Chosen([], maxBatchRows: 32);
        Assert.DoesNotContain(_all[0], chosen);
        Assert.Contains(_all[1], chosen);
        Assert.Contains(_all[2], chosen);
    }

    private List<ReplicaTarget> Chosen(ReplicaTarget[] local, int maxBatchRows)
    {
        var random = new Random(7);
        return
        [
            .. Enumerable
                .Range(0, 200)
                .Select(_ => ReplicaChoice.Choose(_all, local, maxBatchRows, (ulong)random.NextInt64())),
        ];
    }

    private static void Begin(ReplicaTarget target, int requests)
    {
        for (var i = 0; i < requests; i++)
        {
            target.Begin();
        }
    }
}
