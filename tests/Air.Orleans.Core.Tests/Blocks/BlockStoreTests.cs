using Air.Orleans.Core.Blocks;
using Air.Orleans.Kernels.Columns;

namespace Air.Orleans.Core.Tests.Blocks;

public sealed class BlockStoreTests
{
    [Fact]
    public void Put_PastTheBudget_LetsGoOfTheOneUsedLongestAgo()
    {
        var store = new BlockStore((BatchKernels.SizeBytes(Batch()) * 2) + 1);
        store.Put("a", Batch());
        store.Put("b", Batch());
        Assert.NotNull(store.Find("a"));

        store.Put("c", Batch());

        Assert.Null(store.Find("b"));
        Assert.NotNull(store.Find("a"));
        Assert.NotNull(store.Find("c"));
    }

    [Fact]
    public void Put_LargerThanTheBudget_IsHeldAlone()
    {
        var store = new BlockStore(1);
        store.Put("a", Batch());
        store.Put("b", Batch());

        Assert.Null(store.Find("a"));
        Assert.NotNull(store.Find("b"));
        Assert.Equal(1, store.Count);
    }

    [Fact]
    public void UsedBytes_ReplacedAndRemoved_AreCountedOnce()
    {
        var store = new BlockStore(long.MaxValue);
        store.Put("a", Batch());
        store.Put("a", Batch());
        Assert.Equal(BatchKernels.SizeBytes(Batch()), store.UsedBytes);

        store.Remove("a");
        store.Remove("a");

        Assert.Equal(0, store.UsedBytes);
    }

    private static RecordBatch Batch() =>
        new RecordBatch.Builder()
            .Append("x", nullable: false, new DoubleArray.Builder().AppendRange(Enumerable.Repeat(1.0, 100)).Build())
            .Build();
}
