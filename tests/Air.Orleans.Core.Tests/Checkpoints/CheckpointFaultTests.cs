using Air.Orleans.Core.Checkpoints;
using Air.Orleans.Core.Checkpoints.Control;
using Air.Orleans.Tests;

namespace Air.Orleans.Core.Tests.Checkpoints;

/// <summary>What becomes of checkpoints when something goes wrong, over a storage that takes only states.</summary>
public sealed class CheckpointFaultTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private CheckpointSilo _air = null!;

    private string StorageFolder => Path.Combine(_folder.Path, "storage");

    public async Task InitializeAsync() => _air = await CheckpointSilo.StartAsync(StorageFolder);

    public async Task DisposeAsync()
    {
        await _air.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Commit_ToAStorageOfStates_IsReadBackInShards()
    {
        var bytes = Noise(ShardStorage.MostStateBytes + 5);
        var content = new CheckpointContent()
            .With("memory", bytes)
            .With("stream", bytes.Length, () => new MemoryStream(bytes))
            .With("empty", ReadOnlyMemory<byte>.Empty);

        var manifest = await _air.Store.CommitAsync(Draft("run", 0, 1), content);

        Assert.Equal([0, 2, 2], manifest.Files.Select(static file => file.Shards.Count));
        var read = await _air.Store.ReadAsync(manifest);
        Assert.True(bytes.AsSpan().SequenceEqual(read.Read("memory").Span));
        Assert.True(bytes.AsSpan().SequenceEqual(read.Read("stream").Span));
        Assert.Equal(0, read.Length("empty"));
    }

    [Fact]
    public async Task Commit_StreamShorterThanItsLength_IsRefusedAndLeavesNothing()
    {
        var error = await Assert.ThrowsAsync<CheckpointException>(() =>
            _air.Store.CommitAsync(
                Draft("run", 0, 1),
                new CheckpointContent().With("short", 9, static () => new MemoryStream(new byte[8]))
            )
        );

        Assert.Contains("'short' was to have 9 bytes", error.Message);
        Assert.Empty(await _air.Checkpoints.ListAsync("run"));
    }

    [Fact]
    public async Task Commit_StorageIsFull_FailsAndTheOneBeforeStaysTheLatest()
    {
        await CommitAsync("run", 0, 1);
        _air.Storage.Refuses = static (_, key) => key.Contains("0-2|b");

        var error = await Assert.ThrowsAsync<CheckpointException>(() => CommitAsync("run", 0, 2));

        Assert.Contains("'run/0-2'", error.Message);
        Assert.Contains("No space left", error.Message);
        Assert.Equal("run/0-1", (await _air.Checkpoints.LatestAsync("run"))!.Id);
        Assert.Equal(2, Shards());
        _air.Storage.Refuses = static (_, _) => false;
        await CommitAsync("run", 0, 3);
        Assert.Equal("run/0-3", (await _air.Checkpoints.LatestAsync("run"))!.Id);
    }

    [Fact]
    public async Task Commit_BookCannotBeWritten_FailsAndTheOneBeforeStaysTheLatest()
    {
        await CommitAsync("run", 0, 1);
        _air.Storage.Refuses = static (name, _) => name == "air.run-checkpoints";

        var error = await Assert.ThrowsAsync<CheckpointException>(() => CommitAsync("run", 0, 2));

        Assert.Contains("the latest checkpoint stays 'run/0-1'", error.Message);
        _air.Storage.Refuses = static (_, _) => false;
        Assert.Equal("run/0-1", Assert.Single(await _air.Checkpoints.ListAsync("run")).Id);
    }

    [Fact]
    public async Task Read_CorruptShard_NamesItAndTheEarlierWholeOne()
    {
        await CommitAsync("run", 0, 1);
        await CommitAsync("run", 0, 2);
        await CommitAsync("run", 0, 3);
        var shards = _air.Services.GetRequiredService<ShardStorage>();
        await shards.WriteAsync(new ShardName("run/0-3", "b", 0).Key, new byte[] { 9, 9 });
        await shards.DeleteAsync(new ShardName("run/0-2", "a", 0));
        var latest = await _air.Checkpoints.LatestAsync("run");

        var error = await Assert.ThrowsAsync<CheckpointException>(() => latest!.ReadAsync());

        Assert.Equal("run/0-3", latest!.Id);
        Assert.Contains("shard 0 of file 'b' of checkpoint 'run/0-3'", error.Message);
        Assert.Contains("before it is 'run/0-1'", error.Message);
        await Assert.ThrowsAsync<CheckpointException>(() => latest.VerifyAsync());
        await using var stream = await latest.OpenAsync("b");
        await Assert.ThrowsAsync<CheckpointException>(() => stream.ReadExactlyAsync(new byte[2]).AsTask());
    }

    [Fact]
    public async Task Commit_ByAWriterOfAnEpochThatIsOver_IsRefusedAndItsShardsAreRemoved()
    {
        var book = _air.Store.BookOf("run");
        await book.BeginEpochAsync(1, new CheckpointRules());
        await CommitAsync("run", 1, 1);
        using var writing = new ManualResetEventSlim();
        using var hung = new ManualResetEventSlim();
        var stale = _air.Store.CommitAsync(
            Draft("run", 1, 2),
            new CheckpointContent().With("a", new byte[] { 1 }).With("b", 1, () => new HangingStream(writing, hung))
        );
        Assert.True(writing.Wait(TimeSpan.FromSeconds(30)));

        await book.BeginEpochAsync(2, new CheckpointRules());
        hung.Set();

        await Assert.ThrowsAsync<StaleWriterException>(() => stale);
        Assert.Equal("run/1-1", (await _air.Checkpoints.LatestAsync("run"))!.Id);
        Assert.Equal(2, Shards());
        await CommitAsync("run", 2, 2);
        Assert.Equal(2, (await _air.Checkpoints.ListAsync("run")).Count);
    }

    [Fact]
    public async Task Commit_FromASiloThatWasCutOff_IsRefusedByTheEpochInTheStorage()
    {
        await using var other = await CheckpointSilo.StartAsync(StorageFolder);
        await _air.Store.BookOf("run").BeginEpochAsync(1, new CheckpointRules());
        await CommitAsync("run", 1, 1);

        // The other silo's book is another activation over the same state, as after a hang.
        await other.Store.BookOf("run").BeginEpochAsync(2, new CheckpointRules());

        await Assert.ThrowsAsync<StaleWriterException>(() => CommitAsync("run", 1, 2));
        Assert.Equal("run/1-1", (await other.Checkpoints.LatestAsync("run"))!.Id);
    }

    [Fact]
    public async Task Commit_WithRetention_DeletesTheShardsOfWhatIsNotKept()
    {
        await _air.Store.BookOf("run").BeginEpochAsync(1, new CheckpointRules(KeepLast: 2));
        for (var i = 1; i <= 5; i++)
        {
            await CommitAsync("run", 1, i);
        }

        Assert.Equal(["run/1-4", "run/1-5"], (await _air.Checkpoints.ListAsync("run")).Select(static c => c.Id));
        Assert.Equal(4, Shards());
    }

    [Fact]
    public async Task Delete_WhileAStreamIsOpen_IsRefused()
    {
        await CommitAsync("run", 0, 1);
        var checkpoint = await _air.Checkpoints.GetAsync("run/0-1");
        await using (var stream = await checkpoint.OpenAsync("a"))
        {
            var error = await Assert.ThrowsAsync<CheckpointException>(() => _air.Checkpoints.DeleteAsync("run/0-1"));
            Assert.Contains("in use", error.Message);
            Assert.Equal(1, stream.ReadByte());
        }

        Assert.True(await _air.Checkpoints.DeleteAsync("run/0-1"));
        Assert.False(await _air.Checkpoints.DeleteAsync("run/0-1"));
        Assert.Equal(0, Shards());
    }

    [Fact]
    public async Task Import_IntoARun_IsItsLatest()
    {
        await CommitAsync("run", 0, 1);
        var folder = Path.Combine(_folder.Path, "exported");
        await _air.Checkpoints.ExportAsync("run/0-1", folder);

        var imported = await _air.Checkpoints.ImportAsync(folder, "other");

        Assert.Equal(imported.Id, (await _air.Checkpoints.LatestAsync("other"))!.Id);
        Assert.Equal([1, 0], (await imported.ReadAsync()).Read("a").ToArray());
        Assert.Equal([1, 0], await File.ReadAllBytesAsync(Path.Combine(folder, "a")));
        Assert.Null(await _air.Checkpoints.LatestAsync("third"));
    }

    private Task<CheckpointManifest> CommitAsync(string run, int epoch, int iteration) =>
        _air.Store.CommitAsync(
            Draft(run, epoch, iteration),
            new CheckpointContent().With("a", new byte[] { 1, 0 }).With("b", new byte[] { 2, (byte)iteration })
        );

    private static CheckpointManifest Draft(string run, int epoch, int iteration) =>
        new()
        {
            Id = $"{run}/{epoch}-{iteration}",
            Epoch = epoch,
            Iteration = iteration,
        };

    private int Shards() =>
        Directory
            .GetFiles(
                Path.Combine(StorageFolder, "state", "air.checkpoint.shard"),
                "*.bin",
                SearchOption.AllDirectories
            )
            .Length;

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(3).NextBytes(bytes);
        return bytes;
    }

    /// <summary>One byte, which comes when the event is set.</summary>
    private sealed class HangingStream(ManualResetEventSlim begun, ManualResetEventSlim hung)
        : MemoryStream(new byte[1])
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            begun.Set();
            hung.Wait(TimeSpan.FromSeconds(30));
            return base.Read(buffer, offset, count);
        }
    }
}
