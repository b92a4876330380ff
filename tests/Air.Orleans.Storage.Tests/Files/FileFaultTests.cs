using Air.Orleans.Core.Storage;
using Air.Orleans.Testing.Storage;
using Air.Orleans.Tests;
using Orleans.Serialization;

namespace Air.Orleans.Storage.Tests.Files;

public sealed class FileFaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services = new ServiceCollection()
        .AddSerializer(static serializer => serializer.AddAssembly(typeof(ConformanceState).Assembly))
        .BuildServiceProvider();

    public void Dispose()
    {
        _services.Dispose();
        _folder.Dispose();
    }

    [SmallDiskFact]
    public async Task Write_DiskFull_SaysSoAndKeepsWhatWasThere()
    {
        using var disk = SmallDisk.Mount(kilobytes: 512);
        var storage = Storage(disk.Folder);
        var state = await WriteAsync(storage, "a", bytes: 100_000);
        var etag = state.ETag;
        state.State!.Bytes = new byte[1_000_000];

        var error = await Assert.ThrowsAsync<StorageException>(() => storage.WriteStateAsync("state", Id("a"), state));

        Assert.Equal(StorageFault.Full, error.Fault);
        Assert.Contains(disk.Folder, error.Message);
        Assert.Equal(etag, state.ETag);
        var read = await ReadAsync(Storage(disk.Folder), "a");
        Assert.Equal(100_000, read.State!.Bytes.Length);
        Assert.Equal(etag, read.ETag);
        Assert.Empty(Directory.GetFiles(disk.Folder, "*.draft", SearchOption.AllDirectories));

        state.State.Bytes = new byte[100];
        await storage.WriteStateAsync("state", Id("a"), state);
        Assert.Equal(100, (await ReadAsync(storage, "a")).State!.Bytes.Length);
    }

    [SmallDiskFact]
    public async Task Write_DiskReadOnly_SaysSoAndKeepsWhatWasThere()
    {
        using var disk = SmallDisk.Mount(kilobytes: 512);
        var state = await WriteAsync(Storage(disk.Folder), "a", bytes: 10);
        disk.MakeReadOnly();
        var storage = Storage(disk.Folder);

        var error = await Assert.ThrowsAsync<StorageException>(() => storage.WriteStateAsync("state", Id("a"), state));
        var clearError = await Assert.ThrowsAsync<StorageException>(() =>
            storage.ClearStateAsync("state", Id("a"), state)
        );

        Assert.Equal(StorageFault.Refused, error.Fault);
        Assert.Equal(StorageFault.Refused, clearError.Fault);
        Assert.Equal(10, (await ReadAsync(storage, "a")).State!.Bytes.Length);
    }

    [Fact]
    public async Task Write_FolderIsAFile_NamesIt()
    {
        var file = _folder.File("storage", "not a folder");

        var error = await Assert.ThrowsAsync<StorageException>(() => WriteAsync(Storage(file), "a", bytes: 10));

        Assert.Contains(file, error.Message);
    }

    [Fact]
    public async Task Write_AfterAKilledWriter_RemovesItsDrafts()
    {
        var state = await WriteAsync(Storage(_folder.Path), "a", bytes: 10);
        var file = Assert.Single(Directory.GetFiles(_folder.Path, "*.bin", SearchOption.AllDirectories));
        var other = Path.Combine(Path.GetDirectoryName(file)!, "abandoned.bin.draft");
        await File.WriteAllBytesAsync(file + ".draft", new byte[1000]);
        await File.WriteAllBytesAsync(other, new byte[1000]);

        await Storage(_folder.Path).WriteStateAsync("state", Id("a"), state);

        Assert.Empty(Directory.GetFiles(_folder.Path, "*.draft", SearchOption.AllDirectories));
        Assert.Equal(10, (await ReadAsync(Storage(_folder.Path), "a")).State!.Bytes.Length);
    }

    [Fact]
    public async Task Read_WholeFileOfAnotherType_SaysThatItIsDamaged()
    {
        await Storage(_folder.Path).WriteStateAsync("state", Id("a"), new GrainState<string>("text"));

        var error = await Assert.ThrowsAsync<StorageException>(() => ReadAsync(Storage(_folder.Path), "a"));

        Assert.Equal(StorageFault.Damaged, error.Fault);
    }

    [Theory]
    [InlineData(28, StorageFault.Full)]
    [InlineData(122, StorageFault.Full)]
    [InlineData(unchecked((int)0x80070070), StorageFault.Full)]
    [InlineData(30, StorageFault.Refused)]
    [InlineData(5, StorageFault.Other)]
    public void Fault_OfAnErrorCode_IsItsMeaning(int code, StorageFault fault) =>
        Assert.Equal(fault, FileFaults.Of(new IOException("", code)));

    private FileGrainStorage Storage(string folder) => new(folder, _services.GetRequiredService<Serializer>());

    private static GrainId Id(string key) => GrainId.Create("files", key);

    private static async Task<GrainState<ConformanceState>> WriteAsync(FileGrainStorage storage, string key, int bytes)
    {
        var state = new GrainState<ConformanceState>(new ConformanceState { Bytes = new byte[bytes] });
        await storage.WriteStateAsync("state", Id(key), state);
        return state;
    }

    private static async Task<GrainState<ConformanceState>> ReadAsync(FileGrainStorage storage, string key)
    {
        var state = new GrainState<ConformanceState>();
        await storage.ReadStateAsync("state", Id(key), state);
        return state;
    }
}
