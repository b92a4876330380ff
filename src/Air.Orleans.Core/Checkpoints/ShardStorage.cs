using Air.Orleans.Core.Storage;
using Orleans.Storage;

namespace Air.Orleans.Core.Checkpoints;

/// <summary>
/// Shards in a silo's grain storage: as bytes where it takes bytes, else as states like any other, in shorter shards, since every layer of
/// such a storage copies them. Thread-safe.
/// </summary>
internal sealed class ShardStorage(IServiceProvider services) : IShardPort
{
    public const int MostShardBytes = 32 << 20;
    public const int MostStateBytes = 16 << 20;

    private const string StateName = "air.checkpoint.shard";
    private static readonly GrainType ShardType = GrainType.Create("air.core.checkpoint-shard");

    public int ShardBytes => Storage is IByteGrainStorage ? MostShardBytes : MostStateBytes;

    private IGrainStorage Storage => services.GetRequiredKeyedService<IGrainStorage>(AirOptions.StorageName);

    public async Task WriteAsync(ShardName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        await WriteAsync(name.Key, content);

    public async Task WriteAsync(string key, ReadOnlyMemory<byte> content)
    {
        if (Storage is IByteGrainStorage bytes)
        {
            await bytes.WriteBytesAsync(StateName, Id(key), content);
            return;
        }

        var state = new GrainState<StoredShard> { State = new StoredShard { Bytes = content.ToArray() } };
        try
        {
            await Storage.WriteStateAsync(StateName, Id(key), state);
        }
        catch (InconsistentStateException)
        {
            // An interrupted attempt left one.
            var stored = new GrainState<StoredShard>();
            await Storage.ReadStateAsync(StateName, Id(key), stored);
            state.ETag = stored.ETag;
            await Storage.WriteStateAsync(StateName, Id(key), state);
        }
    }

    public async Task ReadAsync(ShardName name, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var length =
            await ReadAsync(name.Key, destination)
            ?? throw new CheckpointException($"The {name} is not in the storage any more.");
        if (length != destination.Length)
        {
            throw new CheckpointException(
                $"The {name} has {length} bytes in the storage; the manifest says {destination.Length}. It was changed after it was written."
            );
        }
    }

    /// <summary>Reads as far as the destination reaches, and gives the length of what is kept; null where there is nothing.</summary>
    public async Task<long?> ReadAsync(string key, Memory<byte> destination)
    {
        if (Storage is IByteGrainStorage bytes)
        {
            return await bytes.ReadBytesAsync(StateName, Id(key), destination);
        }

        var state = new GrainState<StoredShard>();
        await Storage.ReadStateAsync(StateName, Id(key), state);
        if (!state.RecordExists)
        {
            return null;
        }

        var content = state.State!.Bytes;
        content.AsSpan(0, Math.Min(content.Length, destination.Length)).CopyTo(destination.Span);
        return content.Length;
    }

    /// <summary>Deletes a shard; nothing happens where there is none.</summary>
    public async Task DeleteAsync(ShardName name)
    {
        if (Storage is IByteGrainStorage bytes)
        {
            await bytes.DeleteBytesAsync(StateName, Id(name.Key));
            return;
        }

        var state = new GrainState<StoredShard>();
        await Storage.ReadStateAsync(StateName, Id(name.Key), state);
        if (state.RecordExists)
        {
            await Storage.ClearStateAsync(StateName, Id(name.Key), state);
        }
    }

    private static GrainId Id(string key) => GrainId.Create(ShardType, key);
}

/// <summary>One shard, as grain storage keeps it.</summary>
[GenerateSerializer, Alias("air.core.StoredShard")]
internal sealed class StoredShard : IByteState
{
    [Id(0)]
    public byte[] Bytes { get; set; } = [];
}
