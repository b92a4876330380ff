namespace Air.Orleans.Core.Checkpoints;

/// <summary>Where the shards of checkpoints are kept, as seen from a silo or from a client. Thread-safe.</summary>
internal interface IShardPort
{
    /// <summary>The length of a shard that is not the last of its file.</summary>
    int ShardBytes { get; }

    /// <summary>Keeps a shard, in place of what was there; when it returns, a crash does not undo it.</summary>
    Task WriteAsync(ShardName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Reads a whole shard into <paramref name="destination"/>.</summary>
    /// <exception cref="CheckpointException">It is not there, or has another length.</exception>
    Task ReadAsync(ShardName name, Memory<byte> destination, CancellationToken cancellationToken);
}
