using Air.Orleans.Core.DataPlane;

namespace Air.Orleans.Core.Checkpoints;

/// <summary>A silo's shards on the data plane. Thread-safe.</summary>
internal sealed class ShardSource(ShardStorage storage, CheckpointThreads threads) : IDataSource
{
    public const string SchemeName = "checkpoint";

    public string Scheme => SchemeName;

    public async Task SendAsync(string key, Stream destination, CancellationToken cancellationToken)
    {
        using var buffer = await threads.BufferAsync(cancellationToken);
        var length = await threads.RunAsync(
            $"read {key}",
            _ => storage.ReadAsync(key, buffer.Memory).GetAwaiter().GetResult(),
            cancellationToken
        );
        if (length is null)
        {
            throw new KeyNotFoundException($"the storage has no shard '{key}'");
        }

        if (length > buffer.Memory.Length)
        {
            throw new AirException(
                $"shard '{key}' has {length} bytes; none has more than {buffer.Memory.Length}. It was changed after it was written."
            );
        }

        await destination.WriteAsync(buffer.Memory[..(int)length], cancellationToken);
    }

    public async Task ReceiveAsync(string key, Stream source, long length, CancellationToken cancellationToken)
    {
        using var buffer = await threads.BufferAsync(cancellationToken);
        if (length < 0 || length > buffer.Memory.Length)
        {
            throw new AirException($"'{key}' has {length} bytes; a shard has at most {buffer.Memory.Length}.");
        }

        var content = buffer.Memory[..(int)length];
        await source.ReadExactlyAsync(content, cancellationToken);
        try
        {
            await threads.RunAsync(
                $"write {key}",
                _ =>
                {
                    storage.WriteAsync(key, content).GetAwaiter().GetResult();
                    return true;
                },
                cancellationToken
            );
        }
        catch (Exception error) when (error is not (OperationCanceledException or AirException))
        {
            throw new AirException($"The storage refuses shard '{key}': {error.Message}", error);
        }
    }
}
