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

    /// <summary>Reads all files from the cluster and checks their hashes.</summary>
    /// <exception cref="CheckpointException">The checkpoint was deleted, or a file is not what was written.</exception>
    public Task<CheckpointContent> ReadAsync(CancellationToken cancellationToken = default) =>
        new CheckpointClient(Cluster).ReadAsync(Manifest, cancellationToken);

    /// <summary>Writes the files and "manifest.json" into <paramref name="folder"/>, the manifest last.</summary>
    /// <exception cref="CheckpointException">The checkpoint was deleted, or a file is not what was written.</exception>
    /// <exception cref="IOException">The folder holds another checkpoint already, or cannot be written.</exception>
    public async Task SaveToDirectoryAsync(string folder, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var content = await ReadAsync(cancellationToken);
        await CheckpointFolder.WriteAsync(folder, Manifest, content, cancellationToken);
    }

    /// <summary>Brings a checkpoint from a folder into the cluster, as a new checkpoint with an id of its own.</summary>
    /// <exception cref="CheckpointException">There is no manifest, or a file is missing or not what was written.</exception>
    public static async Task<Checkpoint> FromDirectoryAsync(
        IAirCluster cluster,
        string folder,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var (manifest, content) = await CheckpointFolder.ReadAsync(folder, cancellationToken);
        var imported = await new CheckpointClient(cluster).ImportAsync(manifest, content, cancellationToken);
        return new Checkpoint(cluster, imported);
    }
}
