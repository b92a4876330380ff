using System.Net.Sockets;
using Air.Orleans.Core.Checkpoints;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Tests;

namespace Air.Orleans.Core.Tests.Checkpoints;

/// <summary>Checkpoints and the data plane in a silo.</summary>
public sealed class CheckpointTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private AirCluster _air = null!;

    private CheckpointStore Store => _air.Services.GetRequiredService<CheckpointStore>();

    private IGrainFactory Grains => _air.Services.GetRequiredService<IGrainFactory>();

    private DataEndpoint Endpoint => _air.Services.GetRequiredService<DataServer>().Endpoint;

    private DataClient Data => _air.Services.GetRequiredService<DataClient>();

    private string Saved => Path.Combine(_folder.Path, "saved");

    public async Task InitializeAsync() =>
        _air = await AirCluster.StartLocalAsync(
            new AirOptions
            {
                StorageFolder = Path.Combine(_folder.Path, "storage"),
                Resources = new ResourceSet { Cpu = 2 },
                HttpPort = null,
            }
        );

    public async Task DisposeAsync()
    {
        await _air.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Read_Committed_GivesTheBytesAndMetrics()
    {
        var checkpoint = await CommitAsync("run/1/1");

        var content = await checkpoint.ReadAsync();

        Assert.Equal(["a.bin", "b.bin"], content.Names);
        Assert.Equal([1, 2, 3], content.Read("a.bin").ToArray());
        Assert.Equal(0.5, checkpoint.Metrics["loss"]);
    }

    [Fact]
    public async Task FromDirectory_Saved_IsTheSameContentUnderANewId()
    {
        var checkpoint = await CommitAsync("run/1/1");
        await checkpoint.SaveToDirectoryAsync(Saved);

        var imported = await Checkpoint.FromDirectoryAsync(_air, Saved);

        Assert.NotEqual(checkpoint.Id, imported.Id);
        Assert.Equivalent(checkpoint.Manifest.Files, imported.Manifest.Files, strict: true);
        Assert.Equal([4, 5], (await imported.ReadAsync()).Read("b.bin").ToArray());
        await Assert.ThrowsAsync<IOException>(() => checkpoint.SaveToDirectoryAsync(Saved));
    }

    [Theory]
    [InlineData("a.bin")]
    [InlineData("b.bin")]
    public async Task FromDirectory_ChangedOrMissingFile_IsNamed(string name)
    {
        await (await CommitAsync("run/1/1")).SaveToDirectoryAsync(Saved);
        var path = Path.Combine(Saved, name);
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[0] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);

        Assert.Contains(name, await ImportErrorAsync());

        File.Delete(path);
        Assert.Contains($"lacks '{name}'", await ImportErrorAsync());
    }

    [Fact]
    public async Task FromDirectory_ManifestMissingNewerOrBroken_SaysSo()
    {
        await (await CommitAsync("run/1/1")).SaveToDirectoryAsync(Saved);
        var path = Path.Combine(Saved, "manifest.json");
        var text = await File.ReadAllTextAsync(path);

        await File.WriteAllTextAsync(path, text.Replace("\"version\": 2", "\"version\": 1"));
        Assert.Contains("has version 1", await ImportErrorAsync());

        await File.WriteAllTextAsync(path, text[..(text.Length / 2)]);
        Assert.Contains("is no manifest", await ImportErrorAsync());

        File.Delete(path);
        Assert.Contains("holds no 'manifest.json'", await ImportErrorAsync());
    }

    [Fact]
    public async Task Read_Deleted_SaysThatItIsGone()
    {
        var checkpoint = await CommitAsync("run/1/1");
        Assert.True(await _air.Checkpoints.DeleteAsync(checkpoint.Id));

        var error = await Assert.ThrowsAsync<CheckpointException>(() => checkpoint.ReadAsync());

        Assert.Contains("'run/1/1'", error.Message);
    }

    [Fact]
    public async Task Commit_AfterAnInterruptedAttempt_ReplacesWhatItLeft()
    {
        var shards = _air.Services.GetRequiredService<ShardStorage>();
        await shards.WriteAsync(new ShardName("run/1/1", "a.bin", 0).Key, new byte[] { 9, 9 });
        Assert.Empty(await _air.Checkpoints.ListAsync("run/1"));

        var checkpoint = await CommitAsync("run/1/1");

        Assert.Equal([1, 2, 3], (await checkpoint.ReadAsync()).Read("a.bin").ToArray());
    }

    [Fact]
    public async Task Transfer_AShardOfTheGreatestLength_ArrivesWhole()
    {
        var bytes = new byte[ShardStorage.MostShardBytes];
        new Random(1).NextBytes(bytes);
        await Data.PutAsync(Endpoint, "checkpoint:big|file|0", bytes, CancellationToken.None);

        var fetched = await FetchAsync(Endpoint, "checkpoint:big|file|0", bytes.Length);

        Assert.True(bytes.AsSpan().SequenceEqual(fetched));
    }

    [Theory]
    [InlineData("checkpoint:none|file|0", "has no shard 'none|file|0'")]
    [InlineData("block:none", "is not held here any more")]
    [InlineData("other:none", "no such kind of data")]
    public async Task Fetch_UnknownKey_SaysWhy(string key, string reason)
    {
        var error = await Assert.ThrowsAsync<AirException>(() => FetchAsync(Endpoint, key, 1));

        Assert.Contains(reason, error.Message);
        Assert.Contains(key, error.Message);
    }

    [Fact]
    public async Task Fetch_WrongSecret_IsRefused()
    {
        await CommitAsync("run/1/1");
        var stranger = Endpoint with { Secret = new string('0', Endpoint.Secret.Length) };

        var error = await Assert.ThrowsAsync<AirException>(() => FetchAsync(stranger, "checkpoint:run/1/1|a.bin|0", 3));

        Assert.Contains("wrong secret", error.Message);
    }

    [Fact]
    public async Task Server_GarbageOnThePort_ClosesItAndServesOthers()
    {
        await CommitAsync("run/1/1");
        byte[][] garbage = [new byte[128], [.. "AIRD"u8, 1, .. new byte[128]], [.. "AIRD"u8, 3, .. new byte[128]]];
        foreach (var bytes in garbage)
        {
            using var stranger = new TcpClient();
            await stranger.ConnectAsync(Endpoint.Host, Endpoint.Port);
            await stranger.GetStream().WriteAsync(bytes);
            Assert.True(await ReadToEndAsync(stranger.GetStream()) <= DataHandshake.GreetingBytes);
        }

        Assert.Equal([1, 2, 3], await FetchAsync(Endpoint, "checkpoint:run/1/1|a.bin|0", 3));
    }

    private async Task<Checkpoint> CommitAsync(string id)
    {
        var content = new CheckpointContent().With("b.bin", new byte[] { 4, 5 }).With("a.bin", new byte[] { 1, 2, 3 });
        var draft = new CheckpointManifest
        {
            Id = id,
            Metrics = new Dictionary<string, double> { ["loss"] = 0.5 },
        };
        return new Checkpoint(_air, await Store.CommitAsync(draft, content));
    }

    private async Task<string> ImportErrorAsync() =>
        (await Assert.ThrowsAsync<CheckpointException>(() => Checkpoint.FromDirectoryAsync(_air, Saved))).Message;

    private Task<byte[]> FetchAsync(DataEndpoint endpoint, string key, int length) =>
        Data.GetAsync(
            endpoint,
            key,
            async stream =>
            {
                var bytes = new byte[length];
                await stream.ReadExactlyAsync(bytes);
                return bytes;
            },
            CancellationToken.None
        );

    private static async Task<int> ReadToEndAsync(NetworkStream stream)
    {
        var bytes = new byte[1024];
        var total = 0;
        try
        {
            while (await stream.ReadAsync(bytes) is > 0 and var read)
            {
                total += read;
            }
        }
        catch (IOException)
        {
            // A reset ends the connection as well.
        }

        return total;
    }
}
