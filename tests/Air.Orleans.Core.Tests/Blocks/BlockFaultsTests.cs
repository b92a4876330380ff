using System.Collections.Concurrent;
using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Blocks.Arena;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Kernels.Columns;
using Air.Orleans.Storage.Tests.Files;

namespace Air.Orleans.Core.Tests.Blocks;

public sealed class BlockFaultsTests : IDisposable
{
    private readonly StoreFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cut")]
    [InlineData("changed")]
    [InlineData("missing")]
    public async Task Open_ADamagedSpillFile_IsALostBlockAndNeverWrongRows(string damage)
    {
        var store = _folder.Store(StoreFolder.BlockBytes() + 64);
        var (damaged, other) = (Guid.NewGuid(), Guid.NewGuid());
        store.Put(damaged, StoreFolder.Batch(1));
        store.Put(other, StoreFolder.Batch(2));
        var file = Assert.Single(Directory.GetFiles(_folder.Spill, "*.block", SearchOption.AllDirectories));
        switch (damage)
        {
            case "cut":
                using (var stream = File.OpenWrite(file))
                {
                    stream.SetLength(stream.Length / 2);
                }

                break;
            case "changed":
                using (var stream = File.OpenWrite(file))
                {
                    stream.Position = stream.Length - 700;
                    stream.WriteByte(0xA5);
                }

                break;
            default:
                File.Delete(file);
                break;
        }

        var error = await Assert.ThrowsAsync<BlockLostException>(() => store.OpenAsync(damaged).AsTask());

        Assert.Contains(file, error.Message);
        Assert.False(store.Contains(damaged));
        using var lease = await store.OpenAsync(other);
        Assert.Equal(BatchKernels.Hash64(StoreFolder.Batch(2)), BatchKernels.Hash64(lease.Batch));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Readers_OfOtherMappings_NeverSeeWhatTheOwnerWritesThereNext(int seed)
    {
        const int Rows = 500;
        var store = _folder.Store(StoreFolder.BlockBytes(Rows) * 6);
        var (number, path) = store.Segment;
        var home = new BlockHome("silo", "host", number, path, new DataEndpoint("127.0.0.1", 1, ""));
        var current = new ConcurrentDictionary<int, (BlockPlace Place, UInt128 Hash)>();
        using var stop = new CancellationTokenSource();
        var (whole, wrong) = (0, 0);
        var readers = Enumerable
            .Range(0, 2)
            .Select(index => new Thread(() =>
            {
                using var segments = new SegmentReader(null);
                var random = new Random((seed * 10) + index);
                while (!stop.IsCancellationRequested)
                {
                    if (!current.TryGetValue(random.Next(4), out var block))
                    {
                        continue;
                    }

                    using var lease = segments.TryRead(home, block.Place, block.Hash, "block");
                    if (lease is not null)
                    {
                        var same = System.IO.Hashing.XxHash128.HashToUInt128(lease.Content.Span) == block.Hash;
                        Interlocked.Increment(ref same ? ref whole : ref wrong);
                    }
                }
            }))
            .ToList();
        readers.ForEach(static reader => reader.Start());

        var writing = new Random(seed);
        var ids = new Guid[4];
        for (var step = 0; step < 5_000; step++)
        {
            var index = writing.Next(4);
            store.Remove(ids[index]);
            ids[index] = Guid.NewGuid();
            current[index] = store.Put(ids[index], StoreFolder.Batch(step, writing.Next(1, Rows)));
        }

        stop.Cancel();
        readers.ForEach(static reader => reader.Join());
        Assert.True(whole > 100, $"{whole} reads are too few to say anything");
        Assert.Equal(0, wrong);
    }

    [Fact]
    public async Task Write_IntoAReservationThatWasGivenUp_LeavesTheSpaceOfOthersAlone()
    {
        var store = _folder.Store(1 << 20);
        var (number, path) = store.Segment;
        var home = new BlockHome("silo", "host", number, path, new DataEndpoint("127.0.0.1", 1, ""));
        using var segments = new SegmentReader(null);
        var id = Guid.NewGuid();
        var place = await store.ReserveAsync(id, 1000, 0, 1, "client a");

        // The holder is taken for dead while it is about to write, and what it wrote cannot be committed.
        Assert.True(
            segments.TryWrite(
                home,
                place,
                _ =>
                {
                    store.Abandon(place);
                    store.Tidy(static _ => true);
                    Assert.NotEqual(place.Offset, store.ReserveHere(Guid.NewGuid(), 1000, 0, 1).Offset);
                }
            )
        );
        Assert.Throws<BlockLostException>(() => store.Commit(id, place, 0));
        Assert.False(segments.TryWrite(home, place, static _ => Assert.Fail("it is not this process's space")));
    }

    /// <summary>A client that is disposed, as a host's container does it, while a lease of it is still read.</summary>
    [Fact]
    public void Lease_OpenWhenItsReaderIsDisposed_StaysWhatItWasAndKeepsItsSpace()
    {
        var store = _folder.Store(StoreFolder.BlockBytes() * 2);
        var (number, path) = store.Segment;
        var home = new BlockHome("silo", "host", number, path, new DataEndpoint("127.0.0.1", 1, ""));
        var id = Guid.NewGuid();
        var (place, hash) = store.Put(id, StoreFolder.Batch(1));
        var segments = new SegmentReader(null);
        var lease = segments.TryRead(home, place, hash, "block")!;

        segments.Dispose();
        store.Remove(id);
        store.Tidy(static _ => true);
        store.Put(Guid.NewGuid(), StoreFolder.Batch(2));

        Assert.Equal(BatchKernels.Hash64(StoreFolder.Batch(1)), BatchKernels.Hash64(lease.Batch));
        Assert.Throws<ObjectDisposedException>(() => segments.TryRead(home, place, hash, "block"));
        lease.Dispose();
        store.Tidy(static _ => true);
        Assert.Equal(StoreFolder.BlockBytes(), store.UsedBytes);
        Assert.Empty(Directory.GetFiles(_folder.Memory, "*.readers"));
    }

    [Fact]
    public async Task Put_WhereTheFolderCouldNotBeMadeAtFirst_IsTriedAnew()
    {
        var obstacle = Path.GetDirectoryName(_folder.Memory)!;
        await File.WriteAllTextAsync(obstacle, "");
        var store = _folder.Store(1 << 20);
        Assert.ThrowsAny<IOException>(() => store.Put(Guid.NewGuid(), StoreFolder.Batch(1)));

        File.Delete(obstacle);

        await store.PutAsync(Guid.NewGuid(), StoreFolder.Batch(1));
        Assert.Equal(1, store.Count);
    }

    [SmallDiskFact]
    public async Task Put_WhereTheSharedMemoryIsFull_SpillsAndNeverDies()
    {
        using var disk = SmallDisk.Mount(3 << 10);
        var store = _folder.Store(64 << 20, memory: Path.Combine(disk.Folder, "cluster"));
        var ids = Enumerable.Range(0, 20).Select(static _ => Guid.NewGuid()).ToList();
        for (var i = 0; i < ids.Count; i++)
        {
            store.Put(ids[i], StoreFolder.Batch(i, 30_000));
        }

        for (var i = 0; i < ids.Count; i++)
        {
            using var lease = await store.OpenAsync(ids[i]);
            Assert.Equal(BatchKernels.Hash64(StoreFolder.Batch(i, 30_000)), BatchKernels.Hash64(lease.Batch));
        }

        Assert.True(store.Describe().Spills > 10);
        store.Dispose();
    }

    [SmallDiskFact]
    public async Task Put_WhereTheDiskIsFullToo_SaysWhereAndKeepsWhatIsStored()
    {
        using var disk = SmallDisk.Mount(1 << 10);
        var store = _folder.Store(StoreFolder.BlockBytes(30_000) + 64, spill: Path.Combine(disk.Folder, "cluster"));
        var ids = new List<Guid>();
        var error = Assert.Throws<BlockSpaceException>(() =>
        {
            for (var i = 0; i < 20; i++)
            {
                var id = Guid.NewGuid();
                store.Put(id, StoreFolder.Batch(i, 30_000));
                ids.Add(id);
            }
        });

        Assert.Contains(disk.Folder, error.Message);
        Assert.Contains("--spill-folder", error.Message);
        Assert.NotEmpty(ids);
        using (var lease = await store.OpenAsync(ids[^1]))
        {
            Assert.Equal(
                BatchKernels.Hash64(StoreFolder.Batch(ids.Count - 1, 30_000)),
                BatchKernels.Hash64(lease.Batch)
            );
        }

        store.Dispose();
    }
}
