namespace Air.Orleans.Core.Checkpoints;

/// <summary>Reads shards and checks their hashes, two at a time.</summary>
internal sealed class ShardReader(IShardPort port, CheckpointThreads threads)
{
    /// <summary>Reads a whole file into memory.</summary>
    /// <exception cref="CheckpointException">A shard is missing or not what was written, or the file has 2 GB or more.</exception>
    public async Task<byte[]> ReadAsync(string checkpoint, CheckpointFile file, CancellationToken cancellationToken)
    {
        if (file.Bytes > Array.MaxLength)
        {
            throw new CheckpointException(
                $"File '{file.Name}' of checkpoint '{checkpoint}' has {file.Bytes} bytes, more than an array can hold. Read it as a "
                    + "stream, by Checkpoint.OpenAsync."
            );
        }

        var content = GC.AllocateUninitializedArray<byte>((int)file.Bytes);
        var reads = new List<Task>();
        var start = 0;
        for (var index = 0; index < file.Shards.Count; index++)
        {
            var part = content.AsMemory(start, file.Shards[index].Bytes);
            reads.Add(ReadAsync(checkpoint, file, index, part, cancellationToken));
            start += part.Length;
        }

        await Task.WhenAll(reads);
        return content;
    }

    /// <summary>Reads one shard into <paramref name="destination"/>, which has its length.</summary>
    /// <exception cref="CheckpointException">It is missing, or not what was written.</exception>
    public async Task ReadAsync(
        string checkpoint,
        CheckpointFile file,
        int index,
        Memory<byte> destination,
        CancellationToken cancellationToken
    )
    {
        var name = new ShardName(checkpoint, file.Name, index);
        await threads.RunAsync(
            $"read {name}",
            context =>
            {
                port.ReadAsync(name, destination, context.CancellationToken).GetAwaiter().GetResult();
                ShardHash.Check(name, file.Shards[index], destination.Span);
                return true;
            },
            cancellationToken
        );
    }

    /// <summary>Checks every shard of a checkpoint, and keeps none.</summary>
    /// <exception cref="CheckpointException">A shard is missing or not what was written.</exception>
    public async Task VerifyAsync(CheckpointManifest manifest, CancellationToken cancellationToken)
    {
        foreach (var file in manifest.Files)
        {
            for (var index = 0; index < file.Shards.Count; index++)
            {
                using var buffer = await threads.BufferAsync(cancellationToken);
                var part = buffer.Memory[..file.Shards[index].Bytes];
                await ReadAsync(manifest.Id, file, index, part, cancellationToken);
            }
        }
    }
}
