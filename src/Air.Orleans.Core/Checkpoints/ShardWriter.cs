namespace Air.Orleans.Core.Checkpoints;

/// <summary>
/// Writes files as shards, two at a time: from memory in place, from streams through the threads' buffers. Hashing and writing of one
/// shard follow each other on one thread, so that one thread hashes while the other waits for the disk.
/// </summary>
internal sealed class ShardWriter(IShardPort port, CheckpointThreads threads)
{
    public int ShardsOf(long bytes) => (int)((bytes + port.ShardBytes - 1) / port.ShardBytes);

    public async Task<CheckpointFile> WriteAsync(
        string checkpoint,
        string file,
        CheckpointContent content,
        CancellationToken cancellationToken
    )
    {
        var length = content.Length(file);
        var shards = content.IsInMemory(file)
            ? await WriteMemoryAsync(checkpoint, file, content.Read(file), cancellationToken)
            : await WriteStreamAsync(checkpoint, file, length, content, cancellationToken);
        return new CheckpointFile(file, length, shards);
    }

    private Task<CheckpointShard[]> WriteMemoryAsync(
        string checkpoint,
        string file,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    ) =>
        Task.WhenAll(
            Enumerable
                .Range(0, ShardsOf(content.Length))
                .Select(index =>
                {
                    var start = index * port.ShardBytes;
                    var part = content.Slice(start, Math.Min(port.ShardBytes, content.Length - start));
                    return WriteAsync(new ShardName(checkpoint, file, index), part, cancellationToken);
                })
        );

    private async Task<CheckpointShard[]> WriteStreamAsync(
        string checkpoint,
        string file,
        long length,
        CheckpointContent content,
        CancellationToken cancellationToken
    )
    {
        await using var stream = content.Open(file);
        var writes = new List<Task<CheckpointShard>>();
        try
        {
            for (var index = 0; index < ShardsOf(length); index++)
            {
                var buffer = await threads.BufferAsync(cancellationToken);
                try
                {
                    var size = (int)Math.Min(port.ShardBytes, length - ((long)index * port.ShardBytes));
                    var part = buffer.Memory[..size];
                    await ReadAsync(stream, file, length, part, cancellationToken);
                    writes.Add(WriteAndReturnAsync(new ShardName(checkpoint, file, index), part, buffer));
                }
                catch
                {
                    buffer.Dispose();
                    throw;
                }

                if (writes.Exists(static write => write.IsFaulted || write.IsCanceled))
                {
                    break;
                }
            }
        }
        finally
        {
            // Before the stream and the checkpoint are given up, nothing of it is written any more.
            await ((Task)Task.WhenAll(writes)).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext
            );
        }

        return await Task.WhenAll(writes);

        async Task<CheckpointShard> WriteAndReturnAsync(ShardName name, ReadOnlyMemory<byte> part, IDisposable buffer)
        {
            using (buffer)
            {
                return await WriteAsync(name, part, cancellationToken);
            }
        }
    }

    private async Task ReadAsync(
        Stream stream,
        string file,
        long length,
        Memory<byte> part,
        CancellationToken cancellationToken
    )
    {
        var read = await threads.RunAsync(
            $"read {file}",
            _ => stream.ReadAtLeast(part.Span, part.Length, throwOnEndOfStream: false),
            cancellationToken
        );
        if (read < part.Length)
        {
            throw new CheckpointException(
                $"File '{file}' was to have {length} bytes, and its stream ends before that."
            );
        }
    }

    private Task<CheckpointShard> WriteAsync(
        ShardName name,
        ReadOnlyMemory<byte> part,
        CancellationToken cancellationToken
    ) =>
        threads.RunAsync(
            $"write {name}",
            context =>
            {
                context.CancellationToken.ThrowIfCancellationRequested();
                var shard = ShardHash.Describe(part.Span);
                port.WriteAsync(name, part, context.CancellationToken).GetAwaiter().GetResult();
                return shard;
            },
            cancellationToken
        );
}
