namespace Air.Orleans.Core;

/// <summary>
/// What a checkpoint consists of. Written after all of its files, so that a checkpoint with a manifest is whole. In a
/// folder it is "manifest.json".
/// </summary>
[GenerateSerializer, Immutable, Alias("air.core.CheckpointManifest")]
public sealed record CheckpointManifest
{
    /// <summary>The version of this layout.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The layout's version.</summary>
    /// <value><see cref="CurrentVersion"/>.</value>
    [Id(0)]
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The checkpoint's name in its cluster: run, attempt and report.</summary>
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

    /// <summary>Its files, with length and hash.</summary>
    [Id(6)]
    public IReadOnlyList<CheckpointFile> Files { get; init; } = [];
}

/// <summary>One file of a checkpoint.</summary>
/// <param name="Name">Its name, such as "model.safetensors"; without folders.</param>
/// <param name="Bytes">Its length in bytes.</param>
/// <param name="Sha256">SHA-256 of its content, in lower-case hexadecimal.</param>
[GenerateSerializer, Immutable, Alias("air.core.CheckpointFile")]
public sealed record CheckpointFile(
    [property: Id(0)] string Name,
    [property: Id(1)] long Bytes,
    [property: Id(2)] string Sha256
);
