namespace Air.Orleans.Core.Checkpoints.Control;

/// <summary>Shards that are being written, or are to be deleted: enough to find each of them.</summary>
[GenerateSerializer, Immutable, Alias("air.core.CheckpointDraft")]
internal sealed record CheckpointDraft(
    [property: Id(0)] string Id,
    [property: Id(1)] int Epoch,
    [property: Id(2)] DraftFile[] Files
)
{
    public static CheckpointDraft Of(CheckpointManifest manifest) =>
        new(
            manifest.Id,
            manifest.Epoch,
            [.. manifest.Files.Select(static file => new DraftFile(file.Name, file.Shards.Count))]
        );

    public IEnumerable<ShardName> Shards() =>
        from file in Files
        from index in Enumerable.Range(0, file.Shards)
        select new ShardName(Id, file.Name, index);
}

/// <summary>A file of a draft, and of how many shards it is.</summary>
[GenerateSerializer, Immutable, Alias("air.core.DraftFile")]
internal sealed record DraftFile([property: Id(0)] string Name, [property: Id(1)] int Shards);

/// <summary>
/// Shards that are to be deleted. Where their writer may still be alive, they are looked for once more in a later epoch.
/// </summary>
[GenerateSerializer, Immutable, Alias("air.core.DoomedShards")]
internal sealed record DoomedShards(
    [property: Id(0)] CheckpointDraft Draft,
    [property: Id(1)] bool WriterMayLive,
    [property: Id(2)] int? SweptIn
);

/// <summary>Who uses a checkpoint, and until when unless it says so again.</summary>
[GenerateSerializer, Immutable, Alias("air.core.CheckpointPin")]
internal sealed record CheckpointPin(
    [property: Id(0)] string Id,
    [property: Id(1)] string Holder,
    [property: Id(2)] DateTimeOffset Until
);
