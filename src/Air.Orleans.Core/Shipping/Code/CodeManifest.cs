using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Air.Orleans.Core.Shipping.Code;

/// <summary>
/// A bundle of code: its files, named by what is in them. The same files make the same <see cref="Hash"/>, whoever sends them, so a bundle is
/// kept and loaded once.
/// </summary>
[GenerateSerializer, Immutable, Alias("air.core.CodeManifest")]
internal sealed record CodeManifest([property: Id(0)] string Name, [property: Id(1)] CodeFile[] Files)
{
    /// <summary>The most files of one bundle.</summary>
    public const int MostFiles = 20_000;

    /// <summary>The most bytes of one bundle.</summary>
    public const long MostBytes = 4L << 30;

    /// <summary>How long all files are together.</summary>
    public long Bytes => Files.Sum(static file => file.Bytes);

    /// <summary>SHA-256 of the names and hashes of all files, in hexadecimal. The bundle's own name is no part of it.</summary>
    public string Hash()
    {
        var text = new StringBuilder("air code 1\n");
        foreach (var file in Files.OrderBy(static file => file.Path, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{file.Sha256} {file.Bytes} {file.Path}\n");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>What is wrong with it; null where nothing is. Asked before anything is written by its names.</summary>
    public string? Fault()
    {
        if (Files.Length == 0)
        {
            return "it has no files. Give a DLL, or a folder with a program";
        }

        if (Files.Length > MostFiles || Files.Any(static file => file.Bytes < 0) || Bytes > MostBytes)
        {
            return $"it has {Files.Length} files of {Bytes / 1e6:0} MB together; the most are {MostFiles} files and {MostBytes >> 30} GiB. "
                + "Leave data out, and read it from a storage that the silos reach";
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in Files)
        {
            if (!IsRelative(file.Path) || !seen.Add(file.Path))
            {
                return $"its file '{file.Path}' has a name that leads out of its folder, is there twice, or is no name on some systems";
            }

            var parts = file.Parts.Length;
            if (!IsHash(file.Sha256) || !file.Parts.All(IsHash) || parts != CodeFile.PartsOf(file.Bytes))
            {
                return $"its file '{file.Path}' is not described by hashes as it must be";
            }
        }

        return null;
    }

    /// <summary>Whether the text is a SHA-256 in lower-case hexadecimal.</summary>
    public static bool IsHash(string text) =>
        text.Length == 64 && text.All(static c => char.IsAsciiDigit(c) || c is >= 'a' and <= 'f');

    private static bool IsRelative(string path) =>
        path.Length is > 0 and <= 400
        && path.Split('/').All(static part => part.Length > 0 && part is not ("." or "..") && part.Trim() == part)
        && path.All(static c => !char.IsControl(c) && c is not ('\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|'));
}

/// <summary>One file of a bundle: where it lies, how long it is, and the hashes of the whole and of its parts, by which they are kept.</summary>
[GenerateSerializer, Immutable, Alias("air.core.CodeFile")]
internal sealed record CodeFile(
    [property: Id(0)] string Path,
    [property: Id(1)] long Bytes,
    [property: Id(2)] string Sha256,
    [property: Id(3)] string[] Parts
)
{
    /// <summary>The length of a part that is not the last.</summary>
    public const int PartBytes = 8 << 20;

    /// <summary>How many parts a file of that length has.</summary>
    public static int PartsOf(long bytes) => (int)((bytes + PartBytes - 1) / PartBytes);
}
