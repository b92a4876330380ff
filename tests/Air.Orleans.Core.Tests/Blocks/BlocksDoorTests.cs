using Air.Orleans.Core.Blocks;
using Air.Orleans.Kernels.Columns;
using Air.Orleans.Tests;

namespace Air.Orleans.Core.Tests.Blocks;

public sealed class BlocksDoorTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private AirCluster _air = null!;

    public async Task InitializeAsync() =>
        _air = await AirCluster.StartLocalAsync(
            new AirOptions
            {
                Resources = new ResourceSet { Cpu = 1 },
                StorageFolder = _folder.Path,
                BlockFolder = Path.Combine(_folder.Path, "memory"),
                SpillFolder = Path.Combine(_folder.Path, "spill"),
                BlockMemoryBytes = 16 << 20,
                HttpPort = null,
            },
            silos: 3
        );

    public async Task DisposeAsync()
    {
        await _air.DisposeAsync();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path, "*.segment", SearchOption.AllDirectories));
        _folder.Dispose();
    }

    [Fact]
    public async Task Get_AfterPut_GivesTheRowsWithoutACopy()
    {
        var block = await _air.Blocks.PutAsync(StoreFolder.Batch(1));

        await using var first = await _air.Blocks.GetAsync(block);
        await using var second = await _air.Blocks.GetAsync(block);

        Assert.Equal(1000, block.Rows);
        Assert.Equal(BatchKernels.Hash64(StoreFolder.Batch(1)), BatchKernels.Hash64(first.Batch));
        Assert.True(first.Content.Span.Overlaps(second.Content.Span));
    }

    [Fact]
    public async Task Free_OfTheOnlyHolder_TheBlockIsLostAndTheErrorSaysSo()
    {
        var block = await _air.Blocks.PutAsync(StoreFolder.Batch(1));
        await _air.Blocks.FreeAsync(block);

        var error = await Assert.ThrowsAsync<BlockLostException>(() => _air.Blocks.GetAsync(block));

        Assert.Contains("freed", error.Message);
        Assert.Empty(await _air.Blocks.LocationsAsync(block));
    }

    [Fact]
    public async Task Free_WhileAnotherHolds_TheBlockStays()
    {
        var block = await _air.Blocks.PutAsync(StoreFolder.Batch(1));
        var hold = await HoldOfAnotherAsync(block);
        await _air.Blocks.FreeAsync(block);

        await using (var lease = await _air.Blocks.GetAsync(block))
        {
            Assert.Equal(1000, lease.Batch.Length);
        }

        await hold.DisposeAsync();
        Assert.Empty(await _air.Blocks.LocationsAsync(block));
    }

    [Fact]
    public async Task Broadcast_ToThreeSilos_EachHasACopyThatIsReadWhenTheOthersFreeIt()
    {
        var block = await _air.Blocks.PutAsync(StoreFolder.Batch(3));

        var have = await _air.Blocks.BroadcastAsync(block);

        Assert.Equal(3, have.Count);
        Assert.Equal(have.Order(), (await _air.Blocks.LocationsAsync(block)).Order());
        _air.Services.GetRequiredService<BlockStore>().Remove(block.Id);
        await using var lease = await _air.Blocks.GetAsync(block);
        Assert.Equal(BatchKernels.Hash64(StoreFolder.Batch(3)), BatchKernels.Hash64(lease.Batch));
    }

    [Fact]
    public async Task Free_AfterBroadcast_NoCopyIsLeft()
    {
        var block = await _air.Blocks.PutAsync(StoreFolder.Batch(3));
        await _air.Blocks.BroadcastAsync(block);

        await _air.Blocks.FreeAsync(block);

        Assert.Empty(await _air.Blocks.LocationsAsync(block));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Free_WhereSilosCouldNotBeToldAtOnce_TheyAreToldLater(bool isHeldAnew)
    {
        var block = await _air.Blocks.PutAsync(StoreFolder.Batch(3));
        await _air.Blocks.BroadcastAsync(block);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _air.Blocks.FreeAsync(block, cancellationToken: cancelled.Token)
        );

        if (isHeldAnew)
        {
            await using var hold = await _air.Blocks.HoldAsync(block);
            await using var lease = await _air.Blocks.GetAsync(block);
            Assert.Equal(1000, lease.Batch.Length);
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while ((await _air.Blocks.LocationsAsync(block, limit.Token)).Count > 0)
        {
            // Told with the next beat.
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    [Fact]
    public async Task Describe_AfterPut_TellsWhatIsUsedAndOfWhat()
    {
        var block = await _air.Blocks.PutAsync(StoreFolder.Batch(1));

        var silo = Assert.Single(await _air.Blocks.DescribeAsync(), report => report.Silo == block.Home);

        Assert.Equal(1, silo.Count);
        Assert.Equal(StoreFolder.BlockBytes(), silo.UsedBytes);
        Assert.Equal(16 << 20, silo.BudgetBytes);
        Assert.Empty(silo.Waiting);
    }

    [Fact]
    public void Serialize_ABatchInAMessage_IsRefusedWithWhatToCall()
    {
        var serializer = _air.Services.GetRequiredService<Serializer>();
        var copier = _air.Services.GetRequiredService<DeepCopier>();
        object[] message = [StoreFolder.Batch(1)];

        var sent = Assert.Throws<AirException>(() => serializer.SerializeToArray(message));
        var copied = Assert.Throws<AirException>(() => copier.Copy(message));

        Assert.Contains("air.Blocks.PutAsync", sent.Message);
        Assert.Equal(sent.Message, copied.Message);
    }

    [Fact]
    public void Serialize_AnArrayOfAColumn_IsRefusedToo()
    {
        var serializer = _air.Services.GetRequiredService<Serializer>();

        var error = Assert.Throws<AirException>(() => serializer.SerializeToArray(StoreFolder.Batch(1).Column(0)));

        Assert.Contains("DoubleArray", error.Message);
    }

    /// <summary>As another silo's program would.</summary>
    private Task<BlockHold> HoldOfAnotherAsync(BlockRef block) =>
        new BlocksDoor(new Neighbour(_air.Hosts[1].Services)).HoldAsync(block);

    private sealed class Neighbour(IServiceProvider services) : IAirCluster
    {
        public IServiceProvider Services => services;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
