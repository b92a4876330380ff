using Air.Orleans.Core.Storage;
using Air.Orleans.Core.Tests.Shipping;
using Air.Orleans.Tests;
using Orleans.Storage;

namespace Air.Orleans.Core.Tests.Storage;

public sealed class FileGrainStorageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Read_AfterWrite_IsWhatWasWritten()
    {
        await WriteAsync(Storage(), "a", "first");

        var read = await ReadAsync(Storage(), "a");

        Assert.True(read.RecordExists);
        Assert.Equal(["first"], read.State!);
    }

    [Fact]
    public async Task Read_NothingWritten_IsANewState()
    {
        var read = await ReadAsync(Storage(), "a");

        Assert.False(read.RecordExists);
        Assert.Null(read.ETag);
        Assert.Empty(read.State!);
    }

    [Fact]
    public async Task Write_StaleETag_IsRefusedAndChangesNothing()
    {
        var storage = Storage();
        var stale = await WriteAsync(storage, "a", "first");
        var fresh = await ReadAsync(storage, "a");
        fresh.State!.Add("second");
        await storage.WriteStateAsync("state", Id("a"), fresh);

        stale.State!.Add("lost");
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("state", Id("a"), stale));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync("state", Id("a"), stale));

        Assert.Equal(["first", "second"], (await ReadAsync(storage, "a")).State!);
    }

    [Fact]
    public async Task Clear_Written_IsGone()
    {
        var storage = Storage();
        var state = await WriteAsync(storage, "a", "first");

        await storage.ClearStateAsync("state", Id("a"), state);

        Assert.False((await ReadAsync(storage, "a")).RecordExists);
        Assert.Null(state.ETag);
    }

    [Fact]
    public async Task Read_EveryFlippedByte_IsRefusedByTheFilesName()
    {
        await WriteAsync(Storage(), "a", "first");
        var file = Assert.Single(StateFiles());
        var whole = await File.ReadAllBytesAsync(file);
        for (var i = 0; i < whole.Length; i++)
        {
            var bytes = whole.ToArray();
            bytes[i] ^= 0x10;
            await File.WriteAllBytesAsync(file, bytes);

            var error = await Assert.ThrowsAsync<StorageException>(() => ReadAsync(Storage(), "a"));

            Assert.Contains(file, error.Message);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(27)]
    public async Task Write_OverAFileCutShort_NamesTheFile(int bytes)
    {
        var storage = Storage();
        var state = await WriteAsync(storage, "a", "first");
        var file = Assert.Single(StateFiles());
        await File.WriteAllBytesAsync(file, (await File.ReadAllBytesAsync(file))[..bytes]);

        var error = await Assert.ThrowsAsync<StorageException>(() => storage.WriteStateAsync("state", Id("a"), state));

        Assert.Contains(file, error.Message);
    }

    [Fact]
    public async Task Write_ManyWritersOfOneETag_OneWins()
    {
        var storages = new[] { Storage(), Storage() };
        var start = await WriteAsync(storages[0], "a", "first");

        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(i => Task.Run(() => TryWriteAsync(storages[i % 2], start.ETag, $"{i}")))
        );

        var winner = Assert.Single(outcomes.OfType<string>());
        Assert.Equal([winner], (await ReadAsync(storages[0], "a")).State!);
    }

    [Fact]
    public async Task Read_DraftOfAnInterruptedWrite_IsIgnored()
    {
        await WriteAsync(Storage(), "a", "first");
        var file = Assert.Single(StateFiles());
        await File.WriteAllBytesAsync($"{file}.{Guid.NewGuid():N}.draft", [1, 2, 3]);

        var read = await ReadAsync(Storage(), "a");
        read.State!.Add("second");
        await Storage().WriteStateAsync("state", Id("a"), read);

        Assert.Equal(["first", "second"], (await ReadAsync(Storage(), "a")).State!);
    }

    [Fact]
    public async Task Bytes_WrittenEitherWay_AreReadEitherWay()
    {
        var storage = Storage();
        await storage.WriteBytesAsync("state", Id("bytes"), new byte[] { 1, 2, 3 });
        var written = new GrainState<StoredBytes> { State = new StoredBytes { Bytes = [4, 5] } };
        await storage.WriteStateAsync("state", Id("state"), written);

        var read = new GrainState<StoredBytes>();
        await storage.ReadStateAsync("state", Id("bytes"), read);
        var buffer = new byte[3];

        Assert.Equal([1, 2, 3], read.State!.Bytes);
        Assert.Equal(2, await storage.ReadBytesAsync("state", Id("state"), buffer));
        Assert.Equal([4, 5, 0], buffer);
        Assert.Equal(3, await storage.ReadBytesAsync("state", Id("bytes"), buffer.AsMemory(0, 1)));
        await storage.DeleteBytesAsync("state", Id("state"));
        await storage.DeleteBytesAsync("state", Id("state"));
        Assert.Null(await storage.ReadBytesAsync("state", Id("state"), buffer));
    }

    [Fact]
    public async Task Write_OddKeys_AreKeptApart()
    {
        string[] keys =
        [
            "a/b",
            "a%002fb",
            "a\\b",
            "..",
            "../x",
            "ä",
            "a",
            "A",
            "日本",
            new('x', 500),
            new string('x', 499) + "y",
            new string('/', 200),
        ];
        foreach (var key in keys)
        {
            await WriteAsync(Storage(), key, key);
        }

        foreach (var key in keys)
        {
            Assert.Equal([key], (await ReadAsync(Storage(), key)).State!);
        }

        Assert.Equal(keys.Length, StateFiles().Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    private FileGrainStorage Storage() => new(_folder.Path, Shipments.Serializer);

    private string[] StateFiles() => Directory.GetFiles(_folder.Path, "*.bin", SearchOption.AllDirectories);

    private static GrainId Id(string key) => GrainId.Create("test", key);

    private static async Task<GrainState<List<string>>> ReadAsync(FileGrainStorage storage, string key)
    {
        var state = new GrainState<List<string>>();
        await storage.ReadStateAsync("state", Id(key), state);
        return state;
    }

    private static async Task<GrainState<List<string>>> WriteAsync(FileGrainStorage storage, string key, string value)
    {
        var state = new GrainState<List<string>>([value]);
        await storage.WriteStateAsync("state", Id(key), state);
        return state;
    }

    private static async Task<string?> TryWriteAsync(FileGrainStorage storage, string? etag, string value)
    {
        try
        {
            await storage.WriteStateAsync("state", Id("a"), new GrainState<List<string>>([value], etag));
            return value;
        }
        catch (InconsistentStateException)
        {
            return null;
        }
    }
}
