using System.Text.RegularExpressions;

namespace Air.Orleans.Core.Blocks.Arena;

/// <summary>
/// One who keeps files in a folder that several processes share. All its files begin with its name, and it holds a lock file open as long
/// as its process lives, however that ends: a party whose lock is free is dead, and whoever comes by removes its files. A process that is
/// only stopped keeps its lock.
/// </summary>
internal sealed partial class BlockParty : IDisposable
{
    private const string LockEnd = ".lock";
    private const int Attempts = 20;

    private readonly FileStream _lock;

    private BlockParty(string folder, string name, FileStream held)
    {
        Folder = folder;
        Name = name;
        _lock = held;
    }

    public string Folder { get; }

    /// <summary>Differs from every other party's.</summary>
    public string Name { get; }

    /// <summary>Enters the folder, which is made where it is not there, after removing what dead parties left in it and beside it.</summary>
    public static BlockParty Enter(string folder)
    {
        for (var attempt = 1; ; attempt++)
        {
            SweepAll(Path.GetDirectoryName(folder)!);
            BlockFolder.Create(folder);
            var name = Guid.NewGuid().ToString("N");
            var path = Path.Combine(folder, name + LockEnd);
            try
            {
                var held = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
                if (File.Exists(path))
                {
                    return new BlockParty(folder, name, held);
                }

                // Swept away between its creation and its lock.
                held.Dispose();
            }
            catch (Exception error) when (error is IOException && attempt < Attempts)
            {
                // The folder was removed as empty, or a sweep was looking at the lock: begin again.
            }
        }
    }

    /// <summary>A file of this party.</summary>
    public string PathOf(string ending) => Path.Combine(Folder, Name + ending);

    /// <summary>The other parties' files of that ending.</summary>
    public IEnumerable<string> Others(string ending) =>
        Directory
            .EnumerateFiles(Folder, "*" + ending)
            .Where(path => !Path.GetFileName(path).StartsWith(Name, StringComparison.Ordinal));

    /// <summary>Whether the process of the party that this file belongs to has ended.</summary>
    public static bool IsDead(string path)
    {
        var lockFile = Path.Combine(Path.GetDirectoryName(path)!, PartyOf(path) + LockEnd);
        try
        {
            using var file = new FileStream(lockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Removes what dead parties left in the folders of a root, and the folders that are empty then.</summary>
    public static void SweepAll(string root)
    {
        if (!Directory.Exists(root))
        {
            return;
        }

        foreach (
            var folder in new DirectoryInfo(root)
                .EnumerateDirectories()
                .Where(static folder => folder.LinkTarget is null)
                .Select(static folder => folder.FullName)
                .Where(BlockFolder.IsOfBlocks)
        )
        {
            Sweep(folder);
            TryRemove(() => Directory.Delete(folder));
        }
    }

    /// <summary>Removes what dead parties left in the folder.</summary>
    public static void Sweep(string folder)
    {
        try
        {
            foreach (
                var party in Directory.EnumerateFileSystemEntries(folder).Where(IsOfAParty).GroupBy(PartyOf).ToList()
            )
            {
                SweepParty(folder, party.Key, [.. party]);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Another swept it.
        }
    }

    /// <summary>Removes this party's own files, the lock last.</summary>
    public void Dispose()
    {
        foreach (var path in Directory.Exists(Folder) ? Directory.GetFileSystemEntries(Folder, Name + "*") : [])
        {
            if (!path.EndsWith(LockEnd, StringComparison.Ordinal))
            {
                Remove(path);
            }
        }

        TryRemove(() => File.Delete(_lock.Name));
        _lock.Dispose();
        TryRemove(() => Directory.Delete(Folder));
        if (BlockFolder.IsDefaultRoot(Path.GetDirectoryName(Folder)!))
        {
            TryRemove(() => Directory.Delete(Path.GetDirectoryName(Folder)!));
        }
    }

    private static void SweepParty(string folder, string name, IReadOnlyList<string> paths)
    {
        var lockFile = Path.Combine(folder, name + LockEnd);
        FileStream? held = null;
        try
        {
            // Listed first and opened now: a party that came between has its lock, and one without a lock file has ended.
            held = new FileStream(lockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            // Its lock is gone; the rest may not be.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return;
        }

        foreach (var path in paths.Where(path => path != lockFile))
        {
            Remove(path);
        }

        TryRemove(() => File.Delete(lockFile));
        held?.Dispose();
    }

    private static void Remove(string path) =>
        TryRemove(() =>
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }
        });

    private static void TryRemove(Action remove)
    {
        try
        {
            remove();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Not empty, another user's, or removed by another: nothing is wrong.
        }
    }

    /// <summary>Nothing else is ever removed, whatever folder a user gives.</summary>
    private static bool IsOfAParty(string path) => NameForm().IsMatch(Path.GetFileName(path));

    [GeneratedRegex("^[0-9a-f]{32}\\.(lock|segment|readers|blocks)$")]
    private static partial Regex NameForm();

    private static string PartyOf(string path) => Path.GetFileName(path).Split('.')[0];
}
