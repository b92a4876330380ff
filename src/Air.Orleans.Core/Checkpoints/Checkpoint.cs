using Air.Orleans.Core.Checkpoints;

namespace Air.Orleans.Core;

/// <summary>
/// A committed checkpoint: the weights, the fitted preprocessor and the parameters of a model at one moment. A handle; the
/// bytes stay in the cluster's grain storage until they are read. Immutable and thread-safe.
/// </summary>
public sealed class Checkpoint
{
    internal Checkpoint(IAirCluster cluster, CheckpointManifest manifest)
    {
        Cluster = cluster;
        Manifest = manifest;
    }

    /// <summary>The checkpoint's name in its cluster.</summary>
    public string Id => Manifest.Id;

    /// <summary>The metrics that were reported with it.</summary>
    public IReadOnlyDictionary<string, double> Metrics => Manifest.Metrics;

    /// <summary>What it consists of.</summary>
    public CheckpointManifest Manifest { get; }

    internal IAirCluster Cluster { get; }

    private CheckpointStore Store => Cluster.Services.GetRequiredService<CheckpointStore>();

    /// <summary>Reads all files into memory and checks their hashes.</summary>
    /// <exception cref="CheckpointException">
    /// The checkpoint was deleted; or a shard is missing or not what was written, or a file has 2 GB or more: the message names it.
    /// </exception>
    public Task<CheckpointContent> ReadAsync(CancellationToken cancellationToken = default) =>
        Store.ReadAsync(Manifest, cancellationToken);

    /// <summary>
    /// Opens one file as a stream of whatever length, forward only, of which at most 32 MB are in memory. Each part is checked before its
    /// first byte is given: reading raises <see cref="CheckpointException"/> where it is not what was written. Dispose the stream.
    /// </summary>
    /// <exception cref="CheckpointException">The checkpoint was deleted, or holds no such file.</exception>
    public Task<Stream> OpenAsync(string file, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        return Store.OpenAsync(Manifest, file, cancellationToken);
    }

    /// <summary>Reads all of it, checks the hashes, and keeps nothing.</summary>
    /// <exception cref="CheckpointException">The checkpoint was deleted, or a shard is missing or not what was written.</exception>
    public Task VerifyAsync(CancellationToken cancellationToken = default) =>
        Store.VerifyAsync(Manifest, cancellationToken);

    /// <summary>Writes the files and "manifest.json" into <paramref name="folder"/>, the manifest last.</summary>
    /// <exception cref="CheckpointException">The checkpoint was deleted, or a shard is not what was written.</exception>
    /// <exception cref="IOException">The folder holds another checkpoint already, or cannot be written.</exception>
    public Task SaveToDirectoryAsync(string folder, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return CheckpointFolder.WriteAsync(folder, Manifest, Store, cancellationToken);
    }

    /// <summary>Brings a checkpoint from a folder into the cluster, as a new checkpoint with an id of its own, of the run "import".</summary>
    /// <exception cref="CheckpointException">There is no manifest, or a file is missing or not what was written.</exception>
    public static Task<Checkpoint> FromDirectoryAsync(
        IAirCluster cluster,
        string folder,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return new CheckpointDoor(cluster).ImportAsync(folder, cancellationToken: cancellationToken);
    }
}
