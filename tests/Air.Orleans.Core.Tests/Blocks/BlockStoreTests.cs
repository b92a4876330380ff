using Air.Orleans.Core.Blocks.Arena;
using Air.Orleans.Core.Tests.DataPlane;
using Air.Orleans.Kernels.Columns;
using Microsoft.Extensions.Time.Testing;

namespace Air.Orleans.Core.Tests.Blocks;

public sealed class BlockStoreTests : IDisposable
{
    private readonly StoreFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Put_PastTheBudget_SpillsTheOneUsedLongestAgoAndBringsItBack()
    {
        var store = _folder.Store((StoreFolder.BlockBytes() * 2) + 64);
        var ids = Enumerable.Range(0, 3).Select(static _ => Guid.NewGuid()).ToArray();
        store.Put(ids[0], StoreFolder.Batch(0));
        store.Put(ids[1], StoreFolder.Batch(1));
        store.Find(ids[0])!.Dispose();

        store.Put(ids[2], StoreFolder.Batch(2));

        Assert.Null(store.Find(ids[1]));
        Assert.Equal(1, store.Describe().SpilledCount);
        Assert.Equal(3, store.Count);
        for (var i = 0; i < 3; i++)
        {
            using var lease = await store.OpenAsync(ids[i]);
            Assert.Equal(BatchKernels.Hash64(StoreFolder.Batch(i)), BatchKernels.Hash64(lease.Batch));
        }
    }

    [Fact]
    public void Put_LargerThanTheBudget_SaysTheNeedTheBudgetAndWhatToDo()
    {
        var store = _folder.Store(4096);

        var error = Assert.Throws<BlockSpaceException>(() => store.Put(Guid.NewGuid(), StoreFolder.Batch(1)));

        Assert.Contains("budget for blocks is 4096", error.Message);
        Assert.Contains("BlockMemoryBytes", error.Message);
    }

    [Fact]
    public void Put_WhereEveryBlockIsLeased_FailsAndSaysWhatIsPinned()
    {
        var store = _folder.Store(StoreFolder.BlockBytes() + 64);
        var id = Guid.NewGuid();
        store.Put(id, StoreFolder.Batch(1));
        using var lease = store.Find(id);

        var error = Assert.Throws<BlockSpaceException>(() => store.Put(Guid.NewGuid(), StoreFolder.Batch(2)));

        Assert.Contains("being read", error.Message);
        Assert.Equal(BatchKernels.Hash64(StoreFolder.Batch(1)), BatchKernels.Hash64(lease!.Batch));
    }

    [Fact]
    public void Put_OfTheSameId_TakesThePlaceOfTheEarlierOne()
    {
        var store = _folder.Store(1 << 20);
        var id = Guid.NewGuid();
        store.Put(id, StoreFolder.Batch(1));
        using var earlier = store.Find(id);

        store.Put(id, StoreFolder.Batch(2));

        using var later = store.Find(id);
        Assert.Equal(1, store.Count);
        Assert.Equal(BatchKernels.Hash64(StoreFolder.Batch(1)), BatchKernels.Hash64(earlier!.Batch));
        Assert.Equal(BatchKernels.Hash64(StoreFolder.Batch(2)), BatchKernels.Hash64(later!.Batch));
    }

    [Fact]
    public void Remove_WhileALeaseIsHeld_GivesTheSpaceBackWithTheLease()
    {
        var store = _folder.Store(1 << 20);
        var id = Guid.NewGuid();
        store.Put(id, StoreFolder.Batch(1));
        var lease = store.Find(id)!;

        store.Remove(id);

        Assert.Null(store.Find(id));
        Assert.Equal(BatchKernels.Hash64(StoreFolder.Batch(1)), BatchKernels.Hash64(lease.Batch));
        lease.Dispose();
        store.Tidy(static _ => true);
        Assert.Equal(0, store.UsedBytes);
    }

    [Fact]
    public void Batch_AfterItsLease_Throws()
    {
        var store = _folder.Store(1 << 20);
        var id = Guid.NewGuid();
        store.Put(id, StoreFolder.Batch(1));
        var lease = store.Find(id)!;
        var batch = lease.Batch;

        lease.Dispose();

        Assert.Throws<ObjectDisposedException>(() => lease.Batch);
        var error = Assert.Throws<ObjectDisposedException>(() => ((DoubleArray)batch.Column(0)).Values.Length);
        Assert.Contains("lease", error.Message);
    }

    [Fact]
    public unsafe void Batch_OfALease_LiesInTheSharedMemoryWithItsColumnsAligned()
    {
        var store = _folder.Store(1 << 20);
        var id = Guid.NewGuid();
        store.Put(id, StoreFolder.Batch(1));
        using var first = store.Find(id)!;
        using var second = store.Find(id)!;

        foreach (var column in Enumerable.Range(0, 2))
        {
            using var one = first.Batch.Column(column).Data.Buffers[1].Memory.Pin();
            using var other = second.Batch.Column(column).Data.Buffers[1].Memory.Pin();
            Assert.Equal((nint)one.Pointer, (nint)other.Pointer);
            Assert.Equal(0, (nint)one.Pointer % 64);
        }
    }

    [Fact]
    public async Task Open_ManyAtTheSameTime_RestoresOnce()
    {
        var store = _folder.Store(StoreFolder.BlockBytes() + 64);
        var id = Guid.NewGuid();
        store.Put(id, StoreFolder.Batch(1));
        store.Put(Guid.NewGuid(), StoreFolder.Batch(2));

        var leases = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => store.OpenAsync(id).AsTask()));

        Assert.All(
            leases,
            lease => Assert.Equal(BatchKernels.Hash64(StoreFolder.Batch(1)), BatchKernels.Hash64(lease.Batch))
        );
        Assert.Equal(1, store.Describe().Restores);
        Array.ForEach(leases, static lease => lease.Dispose());
    }

    [Fact]
    public void Put_SlicesAndAllTypes_ComeBackAsTheyWere()
    {
        var store = _folder.Store(1 << 20);
        var random = new Random(5);
        for (var round = 0; round < 50; round++)
        {
            var whole = MixedBatch(random, 200);
            var from = random.Next(200);
            var slice = BatchKernels.Slice(whole, from, random.Next(200 - from));
            var id = Guid.NewGuid();

            store.Put(id, slice);

            using var lease = store.Find(id)!;
            Assert.Equal(slice.Length, lease.Batch.Length);
            Assert.Equal(BatchKernels.Hash64(slice), BatchKernels.Hash64(lease.Batch));
        }
    }

    [Fact]
    public void Holders_TheLastOneReleases_FreesTheBlock()
    {
        var store = _folder.Store(1 << 20);
        var id = Guid.NewGuid();
        store.Put(id, StoreFolder.Batch(1), "client a");
        Assert.True(store.Hold(id, "client b"));

        store.Release(id, "client a");
        Assert.True(store.Contains(id));
        store.Release(id, "client b");

        Assert.False(store.Contains(id));
    }

    [Fact]
    public async Task Tidy_HolderSilentForTenSeconds_FreesWhatItAloneHeld()
    {
        var time = new FakeTimeProvider();
        var store = _folder.Store(1 << 20, time: time);
        var (alone, shared, reserved) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        store.Put(alone, StoreFolder.Batch(1), "client a");
        store.Put(shared, StoreFolder.Batch(2), "client a");
        await store.ReserveAsync(reserved, 1000, 0, 1, "client a");
        store.Hold(shared, "client b");

        time.Advance(TimeSpan.FromSeconds(9));
        store.Hear("client b");
        store.Tidy(static _ => null);
        Assert.True(store.Contains(alone));
        time.Advance(TimeSpan.FromSeconds(2));
        store.Tidy(static _ => null);

        Assert.False(store.Contains(alone));
        Assert.True(store.Contains(shared));
        Assert.Equal(StoreFolder.BlockBytes(), store.UsedBytes);
    }

    /// <summary>A client that puts its first block from afar is not heard of before it is there, however long that takes.</summary>
    [Fact]
    public async Task TakeIn_ContentThatComesSlowly_KeepsItsSpaceThoughItsHolderIsSilent()
    {
        var time = new FakeTimeProvider();
        var store = _folder.Store(StoreFolder.BlockBytes() * 3, time: time);
        var (bytes, place, hash) = Content(seed: 1);
        var (slow, other) = (Guid.NewGuid(), Guid.NewGuid());
        var asked = new TaskCompletionSource();
        var arrives = new TaskCompletionSource();

        var taking = store.TakeInAsync(
            slow,
            place.Pad,
            rows: 1000,
            hash,
            "client a",
            bytes.Length,
            async (memory, _) =>
            {
                asked.SetResult();
                await arrives.Task;
                bytes.CopyTo(memory);
            },
            CancellationToken.None
        );
        await asked.Task;
        store.Put(Guid.NewGuid(), StoreFolder.Batch(3), "client a");
        time.Advance(TimeSpan.FromSeconds(11));
        store.Tidy(static _ => null);
        store.Put(other, StoreFolder.Batch(2));
        store.Put(Guid.NewGuid(), StoreFolder.Batch(4));
        arrives.SetResult();
        await taking;

        using var first = await store.OpenAsync(slow);
        using var second = await store.OpenAsync(other);
        Assert.Equal(BatchKernels.Hash64(StoreFolder.Batch(1)), BatchKernels.Hash64(first.Batch));
        Assert.Equal(BatchKernels.Hash64(StoreFolder.Batch(2)), BatchKernels.Hash64(second.Batch));
    }

    [Theory]
    [InlineData("client a")]
    [InlineData("self")]
    [InlineData(null)]
    public async Task Put_WhereACopyMustLeave_KeepsItOnDiskOnlyIfSomebodyHoldsIt(string? holder)
    {
        var isHeld = holder is not null;
        var store = _folder.Store(StoreFolder.BlockBytes() + 64);
        var (bytes, place, hash) = Content(seed: 1);
        var id = Guid.NewGuid();
        await store.TakeInAsync(id, place.Pad, 1000, hash, null, bytes.Length, FillAsync, CancellationToken.None);
        if (isHeld)
        {
            Assert.True(holder == "self" ? store.Own(id) : store.Hold(id, holder!));
        }

        store.Put(Guid.NewGuid(), StoreFolder.Batch(2));

        Assert.Equal(isHeld, store.Contains(id));
        if (isHeld)
        {
            using var lease = await store.OpenAsync(id);
            Assert.Equal(BatchKernels.Hash64(StoreFolder.Batch(1)), BatchKernels.Hash64(lease.Batch));
        }

        ValueTask FillAsync(Memory<byte> memory, CancellationToken cancellationToken)
        {
            bytes.CopyTo(memory);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>A grain's turn frees and reserves: it must not wait for a disk.</summary>
    [Fact]
    public async Task Remove_OfASpilledBlock_DeletesItsFileOnAnotherThread()
    {
        var store = _folder.Store(StoreFolder.BlockBytes() + 64);
        var spilled = Guid.NewGuid();
        store.Put(spilled, StoreFolder.Batch(1));
        store.Put(Guid.NewGuid(), StoreFolder.Batch(2));
        using var busy = new ManualResetEventSlim();
        var threads = Enumerable
            .Range(0, 4)
            .Select(_ => _folder.Threads.RunAsync("busy", () => busy.Wait(TimeSpan.FromMinutes(1))))
            .ToList();

        store.Remove(spilled);

        Assert.Single(Files());
        busy.Set();
        Assert.All(await Task.WhenAll(threads), Assert.True);
        Assert.True(await Polling.UntilAsync(() => Files().Length == 0));

        string[] Files() => Directory.GetFiles(_folder.Spill, "*.block", SearchOption.AllDirectories);
    }

    [Fact]
    public async Task TryReserve_WhereMemoryMustBeMadeRealFirst_GivesNone()
    {
        var store = _folder.Store(64 << 20);
        Assert.Null(store.TryReserve(Guid.NewGuid(), 1000, 0, 1, "client a"));

        await store.ReserveAsync(Guid.NewGuid(), 1000, 0, 1, "client a");

        Assert.NotNull(store.TryReserve(Guid.NewGuid(), 1000, 0, 1, "client a"));
        Assert.Null(store.TryReserve(Guid.NewGuid(), 8 << 20, 0, 1, "client a"));
    }

    [Fact]
    public async Task Put_WhileMorePutsWaitForRoomThanThereAreThreads_GetsThrough()
    {
        var store = _folder.Store(StoreFolder.BlockBytes() + StoreFolder.BlockBytes(10));
        var leased = Guid.NewGuid();
        store.Put(leased, StoreFolder.Batch(0));
        var lease = store.Find(leased)!;
        var waiting = Enumerable
            .Range(1, 5)
            .Select(seed => store.PutAsync(Guid.NewGuid(), StoreFolder.Batch(seed)))
            .ToList();
        var reserving = Enumerable.Range(0, 5).Select(_ => ReserveAndGiveBackAsync()).ToList();
        Assert.True(await Polling.UntilAsync(() => store.Describe().Waiting.Count == 10));

        var small = Guid.NewGuid();
        await store.PutAsync(small, StoreFolder.Batch(9, 10));
        await store.PutAsync(Guid.NewGuid(), StoreFolder.Batch(8, 10));
        using (var restored = await store.OpenAsync(small))
        {
            Assert.Equal(BatchKernels.Hash64(StoreFolder.Batch(9, 10)), BatchKernels.Hash64(restored.Batch));
        }

        Assert.All(waiting, static put => Assert.False(put.IsCompleted));
        Assert.All(reserving, static put => Assert.False(put.IsCompleted));
        lease.Dispose();
        store.Remove(leased);
        await Task.WhenAll(waiting);
        await Task.WhenAll(reserving);

        async Task ReserveAndGiveBackAsync() =>
            store.Abandon(await store.ReserveAsync(Guid.NewGuid(), lease.Content.Length, 0, 1, "client a"));
    }

    /// <summary>The bytes of a block, as they come from another silo.</summary>
    private (byte[] Bytes, BlockPlace Place, UInt128 Hash) Content(int seed)
    {
        var source = _folder.Store(1 << 20);
        var id = Guid.NewGuid();
        var (place, hash) = source.Put(id, StoreFolder.Batch(seed));
        using var lease = source.Find(id)!;
        return (lease.Content.ToArray(), place, hash);
    }

    private static RecordBatch MixedBatch(Random random, int rows)
    {
        var flags = new BooleanArray.Builder();
        var texts = new StringArray.Builder();
        var longs = new Int64Array.Builder();
        for (var i = 0; i < rows; i++)
        {
            flags.Append(random.Next(2) == 0);
            if (random.Next(5) == 0)
            {
                texts.AppendNull();
                longs.AppendNull();
            }
            else
            {
                texts.Append(new string('a', random.Next(9)));
                longs.Append(random.NextInt64());
            }
        }

        return new RecordBatch.Builder()
            .Append("flag", nullable: false, flags.Build())
            .Append("text", nullable: true, texts.Build())
            .Append("long", nullable: true, longs.Build())
            .Build();
    }
}
