using System.Diagnostics;
using Air.Orleans.Core.Checkpoints.Control;
using Air.Orleans.Core.Checkpoints.Grains;
using Air.Orleans.Core.Diagnostics;
using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Core.Checkpoints;

/// <summary>
/// Writes and reads checkpoints, in a silo straight to its grain storage, in a client over the data plane: never through a grain message.
/// The bytes go first, as shards; then the manifest goes into the book of the run. Thread-safe.
/// </summary>
internal sealed class CheckpointStore(
    IShardPort port,
    IGrainFactory grains,
    CheckpointThreads threads,
    TimeProvider time
)
{
    private readonly ShardWriter _writer = new(port, threads);
    private readonly ShardReader _reader = new(port, threads);

    /// <summary>The book of a run.</summary>
    public IRunCheckpointsGrain BookOf(string run) => grains.GetGrain<IRunCheckpointsGrain>(run);

    /// <summary>The manifest of a checkpoint.</summary>
    /// <exception cref="CheckpointException">There is none of that id.</exception>
    public async Task<CheckpointManifest> GetAsync(string id, CancellationToken cancellationToken = default)
    {
        var book = BookOf(ShardName.RunOf(id));
        return await GrainCalls.RetryAsync(() => book.GetAsync(id), cancellationToken)
            ?? throw CheckpointBook.Missing(id);
    }

    /// <summary>Writes all files, then commits the manifest. Until it returns, nobody sees the checkpoint.</summary>
    /// <exception cref="StaleWriterException">The draft's epoch is over; what was written is removed.</exception>
    /// <exception cref="CheckpointException">The storage refuses; what was written is removed, and the latest is the latest.</exception>
    public async Task<CheckpointManifest> CommitAsync(
        CheckpointManifest draft,
        CheckpointContent content,
        CancellationToken cancellationToken = default
    )
    {
        var startedAt = Stopwatch.GetTimestamp();
        using var activity = CoreMeter.Activities.StartActivity("air.checkpoint.commit");
        activity?.SetTag("air.checkpoint", draft.Id);
        var run = ShardName.RunOf(draft.Id);
        var book = BookOf(run);
        var planned = new CheckpointDraft(
            draft.Id,
            draft.Epoch,
            [.. content.Names.Select(name => new DraftFile(name, _writer.ShardsOf(content.Length(name))))]
        );
        await GrainCalls.RetryAsync(() => book.ReserveAsync(planned), cancellationToken);
        var manifest = draft with { Run = run };
        try
        {
            var files = new List<CheckpointFile>();
            foreach (var name in content.Names)
            {
                files.Add(await _writer.WriteAsync(draft.Id, name, content, cancellationToken));
            }

            manifest = manifest with { Files = files, CreatedAt = time.GetUtcNow() };
            await GrainCalls.RetryAsync(() => book.CommitAsync(manifest), cancellationToken);
            CoreMeter.Committed(content.Names.Sum(content.Length), startedAt);
            return manifest;
        }
        catch (Exception error)
        {
            if (await IsCommittedAfterAllAsync(book, draft.Id))
            {
                return manifest;
            }

            if (error is AirException or OperationCanceledException)
            {
                throw;
            }

            throw new CheckpointException(
                $"Checkpoint '{draft.Id}' could not be written: {error.GetType().Name}: {error.Message} What was written of it is "
                    + "removed, and the checkpoint before it stays the latest. Make room in the storage, or repair it.",
                error
            );
        }
    }

    /// <summary>Reads all files into memory and checks them against the manifest.</summary>
    /// <exception cref="CheckpointException">The checkpoint was deleted, or a shard is missing or not what was written.</exception>
    public async Task<CheckpointContent> ReadAsync(
        CheckpointManifest manifest,
        CancellationToken cancellationToken = default
    )
    {
        await using var pin = await PinAsync(manifest.Id, cancellationToken);
        try
        {
            var content = new CheckpointContent();
            foreach (var file in manifest.Files)
            {
                content.With(file.Name, await _reader.ReadAsync(manifest.Id, file, cancellationToken));
                await pin.RenewAsync(cancellationToken);
            }

            return content;
        }
        catch (CheckpointException error)
        {
            throw await WithEarlierAsync(manifest, error, cancellationToken);
        }
    }

    /// <summary>A file as a stream, each shard of which is checked before its first byte is given. The caller disposes it.</summary>
    /// <exception cref="CheckpointException">The checkpoint was deleted, or has no such file.</exception>
    public async Task<Stream> OpenAsync(
        CheckpointManifest manifest,
        string name,
        CancellationToken cancellationToken = default
    )
    {
        var file =
            manifest.Files.FirstOrDefault(file => file.Name == name)
            ?? throw new CheckpointException(
                $"Checkpoint '{manifest.Id}' holds no file '{name}' (files: "
                    + $"{string.Join(", ", manifest.Files.Select(static file => $"'{file.Name}'"))})."
            );
        var pin = await PinAsync(manifest.Id, cancellationToken);
        return new ShardStream(
            file,
            pin,
            async (index, destination, token) =>
            {
                try
                {
                    await _reader.ReadAsync(manifest.Id, file, index, destination, token);
                }
                catch (CheckpointException error)
                {
                    throw await WithEarlierAsync(manifest, error, token);
                }
            }
        );
    }

    /// <summary>Checks every shard of a checkpoint.</summary>
    /// <exception cref="CheckpointException">The checkpoint was deleted, or a shard is missing or not what was written.</exception>
    public async Task VerifyAsync(CheckpointManifest manifest, CancellationToken cancellationToken = default)
    {
        await using var pin = await PinAsync(manifest.Id, cancellationToken);
        await _reader.VerifyAsync(manifest, cancellationToken);
    }

    /// <summary>Keeps a checkpoint while it is read.</summary>
    private Task<CheckpointHold> PinAsync(string id, CancellationToken cancellationToken) =>
        CheckpointHold.TakeAsync(
            BookOf(ShardName.RunOf(id)),
            id,
            $"reader {Guid.NewGuid():N}",
            time,
            cancellationToken
        );

    /// <summary>The commit may have been heard although its answer was lost. Where that cannot be told, the book removes the shards later.</summary>
    private static async Task<bool> IsCommittedAfterAllAsync(IRunCheckpointsGrain book, string id)
    {
        try
        {
            return await GrainCalls.RetryAsync(() => book.AbandonAsync(id));
        }
        catch (Exception error) when (error is AirException || GrainCalls.IsTransient(error))
        {
            return false;
        }
    }

    /// <summary>Adds to an error which earlier checkpoint of the run is whole: it is for the caller to choose it.</summary>
    private async Task<CheckpointException> WithEarlierAsync(
        CheckpointManifest broken,
        CheckpointException error,
        CancellationToken cancellationToken
    )
    {
        var book = BookOf(broken.Run.Length == 0 ? ShardName.RunOf(broken.Id) : broken.Run);
        var all = await GrainCalls.RetryAsync(() => book.ListAsync(), cancellationToken);
        foreach (var earlier in all.TakeWhile(other => other.Id != broken.Id).Reverse())
        {
            try
            {
                await _reader.VerifyAsync(earlier, cancellationToken);
                return new CheckpointException(
                    $"{error.Message} The newest whole one of the run before it is '{earlier.Id}' (iteration {earlier.Iteration}): use "
                        + $"that, or delete '{broken.Id}' so that the run goes on from there.",
                    error
                );
            }
            catch (CheckpointException)
            {
                // Broken as well: look at the one before it.
            }
        }

        return new CheckpointException($"{error.Message} No checkpoint of the run before it is whole.", error);
    }
}
