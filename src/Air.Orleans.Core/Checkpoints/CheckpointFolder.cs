using System.Text.Json;

namespace Air.Orleans.Core.Checkpoints;

/// <summary>A checkpoint as a folder: its files, and "manifest.json", which is written last.</summary>
internal static class CheckpointFolder
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static async Task WriteAsync(
        string folder,
        CheckpointManifest manifest,
        CheckpointContent content,
        CancellationToken cancellationToken
    )
    {
        Directory.CreateDirectory(folder);
        var manifestPath = Path.Combine(folder, CheckpointFiles.ManifestName);
        if (File.Exists(manifestPath))
        {
            throw new IOException(
                $"'{folder}' holds a checkpoint already. Name a folder that is empty or not there yet."
            );
        }

        foreach (var file in manifest.Files)
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, file.Name), content.Read(file.Name), cancellationToken);
        }

        await File.WriteAllTextAsync(manifestPath, JsonSerializer.Serialize(manifest, Json), cancellationToken);
    }

    public static async Task<(CheckpointManifest Manifest, CheckpointContent Content)> ReadAsync(
        string folder,
        CancellationToken cancellationToken
    )
    {
        var manifestPath = Path.Combine(folder, CheckpointFiles.ManifestName);
        if (!File.Exists(manifestPath))
        {
            throw new CheckpointException(
                $"'{folder}' holds no '{CheckpointFiles.ManifestName}', so it is no whole checkpoint. "
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

            var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
            CheckpointFiles.Check(folder, file, bytes);
            content.With(file.Name, bytes);
        }

        return (manifest, content);
    }

    private static CheckpointManifest Parse(string path, string text)
    {
        CheckpointManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<CheckpointManifest>(text, Json);
        }
        catch (JsonException error)
        {
            throw new CheckpointException($"'{path}' is no manifest of a checkpoint: {error.Message}", error);
        }

        return manifest switch
        {
            { Version: CheckpointManifest.CurrentVersion } => manifest,
            null => throw new CheckpointException($"'{path}' is empty."),
            _ => throw new CheckpointException(
                $"'{path}' has version {manifest.Version}; this program reads version {CheckpointManifest.CurrentVersion}. "
                    + "Read it with the version of Air.Orleans that wrote it."
            ),
        };
    }
}
