using System.Security.Cryptography;

namespace Air.Orleans.Core.Shipping.Code;

/// <summary>A bundle on the machine of the one who sends it: the manifest, and where each file lies.</summary>
internal sealed record CodeBundle(CodeManifest Manifest, string Hash, IReadOnlyDictionary<string, string> Sources)
{
    /// <summary>Reads and hashes the files.</summary>
    /// <param name="name">The bundle's name, for people.</param>
    /// <param name="sources">The files' places on this machine, by their names in the bundle.</param>
    /// <exception cref="ShippingException">There are none, too many, or one cannot be read.</exception>
    public static CodeBundle Of(string name, IReadOnlyDictionary<string, string> sources)
    {
        try
        {
            var files = sources
                .OrderBy(static source => source.Key, StringComparer.Ordinal)
                .Select(static source => Describe(source.Key, source.Value))
                .ToArray();
            var manifest = new CodeManifest(name, files);
            return manifest.Fault() is { } fault
                ? throw new ShippingException($"'{name}' cannot be shipped: {fault}.")
                : new CodeBundle(manifest, manifest.Hash(), sources);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ShippingException($"'{name}' cannot be shipped: {error.Message}", error);
        }
    }

    /// <summary>Reads one part of a file.</summary>
    public byte[] Read(CodeFile file, int part)
    {
        using var handle = File.OpenHandle(Sources[file.Path]);
        var offset = (long)part * CodeFile.PartBytes;
        var content = new byte[Math.Min(CodeFile.PartBytes, file.Bytes - offset)];
        var read = 0;
        while (
            read < content.Length && RandomAccess.Read(handle, content.AsSpan(read), offset + read) is > 0 and var more
        )
        {
            read += more;
        }

        return read == content.Length && Convert.ToHexStringLower(SHA256.HashData(content)) == file.Parts[part]
            ? content
            : throw new ShippingException(
                $"'{Sources[file.Path]}' was changed while it was sent. Send it again when it is built."
            );
    }

    private static CodeFile Describe(string path, string source)
    {
        using var stream = File.OpenRead(source);
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var parts = new List<string>();
        var buffer = new byte[Math.Min(CodeFile.PartBytes, Math.Max(1, stream.Length))];
        long bytes = 0;
        while (stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) is > 0 and var read)
        {
            whole.AppendData(buffer, 0, read);
            parts.Add(Convert.ToHexStringLower(SHA256.HashData(buffer.AsSpan(0, read))));
            bytes += read;
        }

        return new CodeFile(path, bytes, Convert.ToHexStringLower(whole.GetHashAndReset()), [.. parts]);
    }
}
