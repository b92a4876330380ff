using Air.Orleans.Core.Storage;

namespace Air.Orleans.Core.Checkpoints;

/// <summary>Shards in a silo's grain storage, in shorter shards where that takes no bytes as they are. Thread-safe.</summary>
internal sealed class ShardStorage(IServiceProvider services) : IShardPort
{
    public const int MostShardBytes = 32 << 20;
    public const int MostStateBytes = 16 << 20;

    private readonly ByteStorage _storage = new(
        services,
        "air.checkpoint.shard",
        GrainType.Create("air.core.checkpoint-shard")
    );

    public int ShardBytes => _storage.TakesBytes ? MostShardBytes : MostStateBytes;

    public Task WriteAsync(ShardName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        _storage.WriteAsync(name.Key, content);

    public Task WriteAsync(string key, ReadOnlyMemory<byte> content) => _storage.WriteAsync(key, content);

    public async Task ReadAsync(ShardName name, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var length =
            await _storage.ReadAsync(name.Key, destination)
            ?? throw new CheckpointException($"The {name} is not in the storage any more.");
        if (length != destination.Length)
        {
            throw new CheckpointException(
                $"The {name} has {length} bytes in the storage; the manifest says {destination.Length}. It was changed after it was written."
            );
        }
    }

    /// <summary>Reads as far as the destination reaches, and gives the length of what is kept; null where there is nothing.</summary>
    public Task<long?> ReadAsync(string key, Memory<byte> destination) => _storage.ReadAsync(key, destination);

    /// <summary>Deletes a shard; nothing happens where there is none.</summary>
    public Task DeleteAsync(ShardName name) => _storage.DeleteAsync(name.Key);
}
