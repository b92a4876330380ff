using System.Security.Cryptography;

namespace Air.Orleans.Core.Shipping.Code;

/// <summary>
/// A silo's local copies of bundles, one folder each, shared by all silos of a user on a machine. A folder appears whole or not at all, and is
/// checked against its manifest whenever a process begins to use it. Blocks; safe to use from several threads and processes.
/// </summary>
internal sealed class CodeFolder
{
    private static readonly TimeSpan KeptUnused = TimeSpan.FromDays(7);

    private readonly CodeStorage _storage;
    private readonly TimeProvider _time;
    private readonly string _root;

    public CodeFolder(AirOptions options, CodeStorage storage, TimeProvider time)
    {
        _storage = storage;
        _time = time;
        _root = Path.GetFullPath(options.CodeFolder ?? UsualFolder());
    }

    /// <summary>Where folders for a purpose of its own lie, such as those of jobs.</summary>
    public string Root => _root;

    /// <summary>The folder with the files of a bundle, read from the storage where it is not here yet.</summary>
    /// <exception cref="ShippingException">The storage lacks a part, or the disk refuses.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; looked at between files.</exception>
    public string Ensure(string hash, CodeManifest manifest, CancellationToken cancellationToken = default)
    {
        var folder = Path.Combine(_root, hash);
        try
        {
            MakeRoot();
            if (Directory.Exists(folder))
            {
                if (IsWhole(folder, manifest, cancellationToken))
                {
                    Directory.SetLastWriteTimeUtc(folder, _time.GetUtcNow().UtcDateTime);
                    return folder;
                }

                // Somebody changed it. Who runs from it keeps the files that he has open.
                var away = $"{folder}.{Guid.NewGuid():N}";
                Directory.Move(folder, away);
                Directory.Delete(away, recursive: true);
            }

            RemoveUnused();
            Unpack(folder, manifest, cancellationToken);
            return folder;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ShippingException(
                $"The silo cannot keep the code '{manifest.Name}' in '{_root}': {error.Message} Make room there, or give it another folder "
                    + "(Air:CodeFolder, AirOptions.CodeFolder).",
                error
            );
        }
    }

    /// <summary>Makes the folder for all that others keep in it, and sees that it is its user's alone.</summary>
    public void MakeRoot() => MakePrivate(_root);

    /// <summary>Copies a bundle's files into a folder of the caller's own.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; looked at between files.</exception>
    public void CopyTo(string hash, CodeManifest manifest, string target, CancellationToken cancellationToken)
    {
        var folder = Ensure(hash, manifest, cancellationToken);
        foreach (var file in manifest.Files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var place = Path.Combine(target, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Copy(Path.Combine(folder, file.Path), place, overwrite: true);
        }
    }

    private void Unpack(string folder, CodeManifest manifest, CancellationToken cancellationToken)
    {
        var draft = $"{folder}.{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(draft);
            var buffer = new byte[CodeFile.PartBytes];
            foreach (var file in manifest.Files)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var place = Path.Combine(draft, file.Path);
                Directory.CreateDirectory(Path.GetDirectoryName(place)!);
                using var stream = File.Create(place);
                var left = file.Bytes;
                foreach (var part in file.Parts)
                {
                    var content = buffer.AsMemory(0, (int)Math.Min(left, CodeFile.PartBytes));
                    _storage.ReadAsync(part, content).GetAwaiter().GetResult();
                    stream.Write(content.Span);
                    left -= content.Length;
                }
            }

            Directory.Move(draft, folder);
        }
        catch (IOException) when (Directory.Exists(folder) && IsWhole(folder, manifest, cancellationToken))
        {
            // Another silo was faster.
        }
        finally
        {
            if (Directory.Exists(draft))
            {
                Directory.Delete(draft, recursive: true);
            }
        }
    }

    private static bool IsWhole(string folder, CodeManifest manifest, CancellationToken cancellationToken)
    {
        foreach (var file in manifest.Files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var place = new FileInfo(Path.Combine(folder, file.Path));
            if (!place.Exists || place.Length != file.Bytes)
            {
                return false;
            }

            using var stream = place.OpenRead();
            if (Convert.ToHexStringLower(SHA256.HashData(stream)) != file.Sha256)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Says that code is in use, so that it is not removed as unused.</summary>
    public void Touch(string hash)
    {
        try
        {
            Directory.SetLastWriteTimeUtc(Path.Combine(_root, hash), _time.GetUtcNow().UtcDateTime);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Somebody removed it; who loads it again reads it from the storage.
        }
    }

    private void RemoveUnused()
    {
        var oldest = _time.GetUtcNow().UtcDateTime - KeptUnused;
        foreach (var folder in new DirectoryInfo(_root).EnumerateDirectories())
        {
            if (folder.Name.Length >= 64 && CodeManifest.IsHash(folder.Name[..64]) && folder.LastWriteTimeUtc < oldest)
            {
                folder.Delete(recursive: true);
            }
        }
    }

    /// <summary>Others on the machine must not be able to put code there.</summary>
    private static void MakePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        const UnixFileMode ofOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        var mode = File.GetUnixFileMode(folder);
        try
        {
            // Only its owner, or root, may set the mode, to whatever it is: another owner could give himself the right to write at any time.
            File.SetUnixFileMode(folder, mode);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new UnauthorizedAccessException(
                $"'{folder}' belongs to another user of the machine, who could put code there. Give the silo a folder of its own user's.",
                error
            );
        }

        if ((mode & ofOthers) != 0)
        {
            throw new UnauthorizedAccessException(
                $"'{folder}' can be written by other users of the machine, who could put their code there. Take that right away (chmod go-w)."
            );
        }
    }

    private static string UsualFolder()
    {
        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        return local.Length > 0
            ? Path.Combine(local, "air", "code")
            : Path.Combine(Path.GetTempPath(), $"air-code-{Environment.UserName}");
    }
}
