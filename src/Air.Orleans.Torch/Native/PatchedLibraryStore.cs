using System.Security.Cryptography;

namespace Air.Orleans.Torch.Native;

/// <summary>Keeps a patched library in a folder of the user, once for all processes and runs.</summary>
/// <param name="name">What the library belongs to, with its version: the first half of the folder's name.</param>
/// <param name="fileName">The library's file name.</param>
/// <remarks>
/// The folder's name ends in a hash of the content, so another version never meets this one's file. Processes may race:
/// each writes a file of its own and renames it into place, and a file that is there already is used only when it
/// holds exactly the bytes wanted.
/// </remarks>
internal sealed class PatchedLibraryStore(string name, string fileName)
{
    /// <summary>Loads a library from a path; 0 and the error when it cannot.</summary>
    public delegate nint Loader(string path, out Exception? error);

    /// <summary>The cache folders of this user, best first: <c>XDG_CACHE_HOME</c>, then <c>~/.cache</c>.</summary>
    public static IReadOnlyList<string> FoldersOfThisUser()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string?[] folders =
        [
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME"),
            home.Length > 0 ? Path.Combine(home, ".cache") : null,
        ];
        return [.. folders.OfType<string>().Where(Path.IsPathFullyQualified)];
    }

    /// <summary>
    /// Stores the library in the first folder that can be written and loads it from there. When none will do, a
    /// read-only or noexec home say, loads it from a private temporary folder, which is removed again.
    /// </summary>
    /// <param name="folders">Cache folders, best first.</param>
    /// <param name="content">The library's bytes.</param>
    /// <param name="load">Loads a file.</param>
    /// <returns>Where it was loaded from, and its handle.</returns>
    /// <exception cref="TorchNativeException">It could be loaded from no folder; each with its reason.</exception>
    public (string Path, nint Handle) LoadFirst(IEnumerable<string> folders, byte[] content, Loader load)
    {
        var faults = new List<string>();
        foreach (var folder in folders)
        {
            var handle = TryLoad(() => Store(folder, content), folder, load, faults, out var path);
            if (handle is not 0)
                return (path, handle);
        }

        var temporary = LoadFromTemporary(content, load, faults);
        if (temporary.Handle is not 0)
            return temporary;

        throw new TorchNativeException(
            $"The patched '{fileName}' could be loaded from no folder: {string.Join("; ", faults)}. "
                + "Set XDG_CACHE_HOME to a folder that this user may write and whose files may be executed."
        );
    }

    /// <summary>Gives the path of a file with exactly this content below the folder, writing it when needed.</summary>
    /// <param name="folder">A cache folder; made when it is not there.</param>
    /// <param name="content">The library's bytes.</param>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public string Store(string folder, byte[] content)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(content))[..16];
        var home = Directory.CreateDirectory(Path.Combine(folder, "air-orleans", "native", $"{name}-{hash}"));
        var path = Path.Combine(home.FullName, fileName);
        if (Holds(path, content))
            return path;
        var draft = $"{path}.{Guid.NewGuid():N}";
        try
        {
            File.WriteAllBytes(draft, content);
            File.Move(draft, path, overwrite: true);
        }
        finally
        {
            File.Delete(draft);
        }

        return path;
    }

    private (string Path, nint Handle) LoadFromTemporary(byte[] content, Loader load, List<string> faults)
    {
        DirectoryInfo? temporary = null;
        try
        {
            var handle = TryLoad(
                () => Store((temporary = Directory.CreateTempSubdirectory("air-orleans-")).FullName, content),
                Path.GetTempPath(),
                load,
                faults,
                out var path
            );
            return (path, handle);
        }
        finally
        {
            // Linux keeps a loaded file's pages after its name is gone.
            temporary?.Delete(recursive: true);
        }
    }

    private static nint TryLoad(Func<string> store, string folder, Loader load, List<string> faults, out string path)
    {
        path = "";
        Exception? error;
        try
        {
            path = store();
            var handle = load(path, out error);
            if (handle is not 0)
                return handle;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            error = exception;
        }

        faults.Add($"'{folder}': {error?.Message}");
        return 0;
    }

    private static bool Holds(string path, byte[] content) =>
        File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content);
}
