using System.Security.Cryptography;

namespace Air.Orleans.Core;

/// <summary>Describes and checks the files of checkpoints.</summary>
internal static class CheckpointFiles
{
    public const string ManifestName = "manifest.json";

    public static CheckpointFile Describe(string name, ReadOnlyMemory<byte> content) =>
        new(name, content.Length, Convert.ToHexStringLower(SHA256.HashData(content.Span)));

    /// <exception cref="CheckpointException">The content is not what the manifest describes.</exception>
    public static void Check(string checkpoint, CheckpointFile file, ReadOnlyMemory<byte> content)
    {
        var found = Describe(file.Name, content);
        if (found != file)
        {
            throw new CheckpointException(
                $"File '{file.Name}' of checkpoint '{checkpoint}' has {found.Bytes} bytes with SHA-256 {found.Sha256}; its manifest "
                    + $"says {file.Bytes} bytes with {file.Sha256}. It was changed after it was written: take another copy."
            );
        }
    }
}
