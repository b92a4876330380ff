using Air.Orleans.Core.Checkpoints;
using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Core;

/// <summary>The checkpoints of a cluster, by run and by id. Had as <c>air.Checkpoints</c>. Thread-safe.</summary>
public sealed class CheckpointDoor
{
    private readonly IAirCluster _cluster;

    internal CheckpointDoor(IAirCluster cluster) => _cluster = cluster;

    private CheckpointStore Store => _cluster.Services.GetRequiredService<CheckpointStore>();

    /// <summary>The checkpoints of a run that are kept, oldest first; none where there is no such run.</summary>
    /// <param name="run">The run's name, as in <c>RunConfig.Name</c>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<IReadOnlyList<Checkpoint>> ListAsync(string run, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(run);
        var book = Store.BookOf(run);
        var all = await GrainCalls.RetryAsync(() => book.ListAsync(), cancellationToken);
        return [.. all.Select(manifest => new Checkpoint(_cluster, manifest))];
    }

    /// <summary>
    /// The checkpoint that a run committed last; null where it has none. It was whole when it was committed; where its bytes were damaged
    /// since, reading it says so and names an earlier one that is whole.
    /// </summary>
    /// <param name="run">The run's name, as in <c>RunConfig.Name</c>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<Checkpoint?> LatestAsync(string run, CancellationToken cancellationToken = default)
    {
        var all = await ListAsync(run, cancellationToken);
        return all.Count == 0 ? null : all[^1];
    }

    /// <summary>The checkpoint of that id.</summary>
    /// <exception cref="CheckpointException">There is none.</exception>
    public async Task<Checkpoint> GetAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return new Checkpoint(_cluster, await Store.GetAsync(id, cancellationToken));
    }

    /// <summary>Writes a checkpoint's files, each whole, and "manifest.json" into a folder, the manifest last.</summary>
    /// <exception cref="CheckpointException">There is no such checkpoint, or a shard is not what was written.</exception>
    /// <exception cref="IOException">The folder holds a checkpoint already, or cannot be written.</exception>
    public async Task ExportAsync(string id, string folder, CancellationToken cancellationToken = default)
    {
        var checkpoint = await GetAsync(id, cancellationToken);
        await checkpoint.SaveToDirectoryAsync(folder, cancellationToken);
    }

    /// <summary>Brings a checkpoint from a folder into the cluster, as a new checkpoint with an id of its own.</summary>
    /// <param name="folder">What <see cref="ExportAsync"/> wrote.</param>
    /// <param name="run">The run whose latest it becomes, so that the run goes on from it; by default "import".</param>
    /// <param name="cancellationToken">Ends the call; nothing of the checkpoint stays.</param>
    /// <exception cref="CheckpointException">
    /// There is no manifest; or a file is missing or not what was written; or the storage refuses.
    /// </exception>
    public async Task<Checkpoint> ImportAsync(
        string folder,
        string? run = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var threads = _cluster.Services.GetRequiredService<CheckpointThreads>();
        var (manifest, content) = await CheckpointFolder.ReadAsync(folder, threads, cancellationToken);
        var owner = run ?? "import";
        var book = Store.BookOf(owner);
        var draft = manifest with
        {
            Id = $"{owner}/{Guid.NewGuid():N}",
            Epoch = await GrainCalls.RetryAsync(() => book.EpochAsync(), cancellationToken),
        };
        return new Checkpoint(_cluster, await Store.CommitAsync(draft, content, cancellationToken));
    }

    /// <summary>Deletes a checkpoint and its bytes; nothing happens where there is none of that id.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="CheckpointException">It is in use: read or served now; the message says by whom.</exception>
    public async Task<bool> DeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        var book = Store.BookOf(ShardName.RunOf(id));
        return await GrainCalls.RetryAsync(() => book.DeleteAsync(id), cancellationToken);
    }
}

/// <summary>Adds <c>air.Checkpoints</c>.</summary>
public static class CheckpointExtensions
{
    extension(IAirCluster air)
    {
        /// <summary>The checkpoints that the cluster keeps.</summary>
        public CheckpointDoor Checkpoints => new(air);
    }
}
