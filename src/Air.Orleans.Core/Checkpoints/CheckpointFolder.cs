using System.Text.Json;

namespace Air.Orleans.Core.Checkpoints;

/// <summary>A checkpoint as a folder: its files, each whole, and "manifest.json", which is written last.</summary>
internal static class CheckpointFolder
{
    public const string ManifestName = "manifest.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Writes a checkpoint, shard by shard.</summary>
    /// <exception cref="IOException">The folder holds a checkpoint already, or cannot be written.</exception>
    public static async Task WriteAsync(
        string folder,
        CheckpointManifest manifest,
        CheckpointStore store,
        CancellationToken cancellationToken
    )
    {
        Directory.CreateDirectory(folder);
        var manifestPath = Path.Combine(folder, ManifestName);
        if (File.Exists(manifestPath))
        {
            throw new IOException(
                $"'{folder}' holds a checkpoint already. Name a folder that is empty or not there yet."
            );
        }

        foreach (var file in manifest.Files)
        {
            await using var source = await store.OpenAsync(manifest, file.Name, cancellationToken);
            await using var target = File.Create(Path.Combine(folder, Path.GetFileName(file.Name)));
            await source.CopyToAsync(target, cancellationToken);
        }

        await File.WriteAllTextAsync(manifestPath, JsonSerializer.Serialize(manifest, Json), cancellationToken);
    }

    /// <summary>Reads a folder's manifest and checks its files; the content reads them again as it is written.</summary>
    /// <exception cref="CheckpointException">There is no manifest, or a file is missing or not what was written.</exception>
    public static async Task<(CheckpointManifest Manifest, CheckpointContent Content)> ReadAsync(
        string folder,
        CheckpointThreads threads,
        CancellationToken cancellationToken
    )
    {
        var manifestPath = Path.Combine(folder, ManifestName);
        if (!File.Exists(manifestPath))
        {
            throw new CheckpointException(
                $"'{folder}' holds no '{ManifestName}', so it is no whole checkpoint. "
                    + "Name a folder that Checkpoint.SaveToDirectoryAsync wrote."
            );
        }

        var manifest = Parse(manifestPath, await File.ReadAllTextAsync(manifestPath, cancellationToken));
        var content = new CheckpointContent();
        foreach (var file in manifest.Files)
        {
            var path = Path.Combine(folder, Path.GetFileName(file.Name));
            if (!File.Exists(path))
            {
                throw new CheckpointException(
                    $"'{folder}' lacks '{file.Name}', which its manifest names. Copy the folder whole."
                );
            }

            await CheckAsync(path, folder, file, threads, cancellationToken);
            content.With(file.Name, file.Bytes, () => Open(path));
        }

        return (manifest, content);
    }

    private static async Task CheckAsync(
        string path,
        string folder,
        CheckpointFile file,
        CheckpointThreads threads,
        CancellationToken cancellationToken
    )
    {
        await using var stream = Open(path);
        if (stream.Length != file.Bytes || file.Shards.Sum(static shard => (long)shard.Bytes) != file.Bytes)
        {
            throw new CheckpointException(
                $"File '{file.Name}' of '{folder}' has {stream.Length} bytes; the manifest says {file.Bytes}. It was changed after it "
                    + "was written: take another copy."
            );
        }

        using var buffer = await threads.BufferAsync(cancellationToken);
        for (var index = 0; index < file.Shards.Count; index++)
        {
            var shard = file.Shards[index];
            var name = new ShardName(folder, file.Name, index);
            if (shard.Bytes > buffer.Memory.Length)
            {
                throw new CheckpointException(
                    $"The {name} has {shard.Bytes} bytes; none has more than {buffer.Memory.Length}. Take another copy."
                );
            }

            await threads.RunAsync(
                $"check {name}",
                _ =>
                {
                    var part = buffer.Memory.Span[..shard.Bytes];
                    stream.ReadExactly(part);
                    ShardHash.Check(name, shard, part);
                    return true;
                },
                cancellationToken
            );
        }
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);

    private static CheckpointManifest Parse(string path, string text)
    {
        CheckpointManifest? manifest;
        try
        {
            // Looked at first: another version has other members.
            using var document = JsonDocument.Parse(text);
            if (
                document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("version", out var version)
                && version.TryGetInt32(out var found)
                && found != CheckpointManifest.CurrentVersion
            )
            {
                throw new CheckpointException(
                    $"'{path}' has version {found}; this program reads version {CheckpointManifest.CurrentVersion}. "
                        + "Read it with the version of Air.Orleans that wrote it."
                );
            }

            manifest = document.Deserialize<CheckpointManifest>(Json);
        }
        catch (JsonException error)
        {
            throw new CheckpointException($"'{path}' is no manifest of a checkpoint: {error.Message}", error);
        }

        return manifest ?? throw new CheckpointException($"'{path}' is empty.");
    }
}
