namespace Air.Orleans.Core;

/// <summary>
/// What a checkpoint consists of. Committed after all of its bytes, so that a checkpoint with a manifest is whole. In a
/// folder it is "manifest.json".
/// </summary>
[GenerateSerializer, Immutable, Alias("air.core.CheckpointManifest")]
public sealed record CheckpointManifest
{
    /// <summary>The version of this layout.</summary>
    public const int CurrentVersion = 2;

    /// <summary>The layout's version.</summary>
    /// <value><see cref="CurrentVersion"/>.</value>
    [Id(0)]
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The checkpoint's name in its cluster: its run, "/", and what no other checkpoint of the run is called.</summary>
    [Id(1)]
    public required string Id { get; init; }

    /// <summary>The run that wrote it.</summary>
    [Id(2)]
    public string Run { get; init; } = "";

    /// <summary>After how many reports of the run it was written.</summary>
    [Id(3)]
    public int Iteration { get; init; }

    /// <summary>When it was committed, in UTC.</summary>
    [Id(4)]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The metrics that were reported with it.</summary>
    [Id(5)]
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary>Its files, with the lengths and hashes of their shards.</summary>
    [Id(6)]
    public IReadOnlyList<CheckpointFile> Files { get; init; } = [];

    /// <summary>The epoch of the run in which it was written: a writer of an epoch that is over commits nothing.</summary>
    [Id(7)]
    public int Epoch { get; init; }

    /// <summary>The length of all files, in bytes.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public long Bytes => Files.Sum(static file => file.Bytes);
}

/// <summary>One file of a checkpoint.</summary>
/// <param name="Name">Its name, such as "model.safetensors"; without folders.</param>
/// <param name="Bytes">Its length in bytes.</param>
/// <param name="Shards">The parts in which it is kept, in order.</param>
[GenerateSerializer, Immutable, Alias("air.core.CheckpointFile")]
public sealed record CheckpointFile(
    [property: Id(0)] string Name,
    [property: Id(1)] long Bytes,
    [property: Id(2)] IReadOnlyList<CheckpointShard> Shards
);

/// <summary>One part of a file, of at most 64 MB.</summary>
/// <param name="Bytes">Its length in bytes.</param>
/// <param name="Sha256">SHA-256 of its content, in lower-case hexadecimal.</param>
[GenerateSerializer, Immutable, Alias("air.core.CheckpointShard")]
public sealed record CheckpointShard([property: Id(0)] int Bytes, [property: Id(1)] string Sha256);
