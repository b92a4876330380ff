using Air.Orleans.Core.Checkpoints.Grains;
using Air.Orleans.Core.DataPlane;
using Orleans.Storage;

namespace Air.Orleans.Core.Checkpoints;

/// <summary>
/// Keeps the files of checkpoints in the silo's grain storage, each as one shard, straight from here to the storage: never
/// through a grain message. Thread-safe.
/// </summary>
internal sealed class CheckpointStore(IServiceProvider services, TimeProvider time) : IDataSource
{
    private const string StateName = "air.checkpoint.shard";
    private static readonly GrainType ShardType = GrainType.Create("air.core.checkpoint-shard");

    public string Scheme => "checkpoint";

    private IGrainStorage Storage => services.GetRequiredKeyedService<IGrainStorage>(AirOptions.StorageName);

    /// <summary>Writes all files, then commits the manifest. Until it returns, nobody sees the checkpoint.</summary>
    public async Task<CheckpointManifest> CommitAsync(CheckpointManifest draft, CheckpointContent content)
    {
        var files = content.Names.Select(name => CheckpointFiles.Describe(name, content.Read(name))).ToList();
        await Task.WhenAll(files.Select(file => WriteShardAsync(draft.Id, file.Name, content.Read(file.Name))));
        var manifest = draft with { Files = files, CreatedAt = time.GetUtcNow() };
        await services.GetRequiredService<IGrainFactory>().GetGrain<ICheckpointGrain>(draft.Id).CommitAsync(manifest);
        return manifest;
    }

    /// <summary>Reads all files and checks them against the manifest.</summary>
    public async Task<CheckpointContent> ReadAsync(CheckpointManifest manifest)
    {
        var contents = await Task.WhenAll(manifest.Files.Select(file => ReadShardAsync(manifest.Id, file)));
        var content = new CheckpointContent();
        foreach (var (file, bytes) in manifest.Files.Zip(contents))
        {
            content.With(file.Name, bytes);
        }

        return content;
    }

    /// <summary>Deletes the files; called after the manifest is gone.</summary>
    public async Task DeleteAsync(CheckpointManifest manifest)
    {
        foreach (var file in manifest.Files)
        {
            var state = new GrainState<CheckpointShard>();
            var id = ShardId(manifest.Id, file.Name);
            await Storage.ReadStateAsync(StateName, id, state);
            if (state.RecordExists)
            {
                await Storage.ClearStateAsync(StateName, id, state);
            }
        }
    }

    /// <summary>Writes one file. Written again, it replaces what an interrupted attempt left.</summary>
    public async Task WriteShardAsync(string checkpoint, string name, ReadOnlyMemory<byte> bytes)
    {
        var id = ShardId(checkpoint, name);
        var state = new GrainState<CheckpointShard> { State = new CheckpointShard { Bytes = bytes.ToArray() } };
        try
        {
            await Storage.WriteStateAsync(StateName, id, state);
        }
        catch (InconsistentStateException)
        {
            var stored = new GrainState<CheckpointShard>();
            await Storage.ReadStateAsync(StateName, id, stored);
            state.ETag = stored.ETag;
            await Storage.WriteStateAsync(StateName, id, state);
        }
    }

    public async Task SendAsync(string key, Stream destination, CancellationToken cancellationToken)
    {
        var (checkpoint, name) = Split(key);
        var state = new GrainState<CheckpointShard>();
        await Storage.ReadStateAsync(StateName, ShardId(checkpoint, name), state);
        if (!state.RecordExists)
        {
            throw new KeyNotFoundException($"checkpoint '{checkpoint}' has no file '{name}'");
        }

        await destination.WriteAsync(state.State!.Bytes, cancellationToken);
    }

    public async Task ReceiveAsync(string key, Stream source, long length, CancellationToken cancellationToken)
    {
        if (length is < 0 or > int.MaxValue)
        {
            throw new AirException($"'{key}' has {length} bytes; a file of a checkpoint has at most {int.MaxValue}.");
        }

        var (checkpoint, name) = Split(key);
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 20];
        while (bytes.Length < length)
        {
            var wanted = (int)Math.Min(buffer.Length, length - bytes.Length);
            var read = await source.ReadAsync(buffer.AsMemory(0, wanted), cancellationToken);
            if (read == 0)
            {
                throw new EndOfStreamException($"'{key}' ended after {bytes.Length} of {length} bytes.");
            }

            bytes.Write(buffer, 0, read);
        }

        await WriteShardAsync(checkpoint, name, bytes.GetBuffer().AsMemory(0, (int)length));
    }

    private async Task<byte[]> ReadShardAsync(string checkpoint, CheckpointFile file)
    {
        var state = new GrainState<CheckpointShard>();
        await Storage.ReadStateAsync(StateName, ShardId(checkpoint, file.Name), state);
        if (!state.RecordExists)
        {
            throw new CheckpointException(
                $"File '{file.Name}' of checkpoint '{checkpoint}' is not in the storage any more."
            );
        }

        var bytes = state.State!.Bytes;
        CheckpointFiles.Check(checkpoint, file, bytes);
        return bytes;
    }

    private static GrainId ShardId(string checkpoint, string name) => GrainId.Create(ShardType, $"{checkpoint}|{name}");

    private static (string Checkpoint, string Name) Split(string key)
    {
        var cut = key.LastIndexOf('|');
        return cut < 0 ? throw new KeyNotFoundException($"'{key}' names no file") : (key[..cut], key[(cut + 1)..]);
    }
}

/// <summary>One file of a checkpoint, as grain storage keeps it.</summary>
[GenerateSerializer, Alias("air.core.CheckpointShard")]
internal sealed class CheckpointShard
{
    [Id(0)]
    public byte[] Bytes { get; set; } = [];
}
