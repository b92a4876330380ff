using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;

namespace Air.Orleans.Core.Blocks.Arena;

/// <summary>Where the processes of a host meet that share blocks: a folder for each cluster, in shared memory where there is enough of it.</summary>
internal static class BlockFolder
{
    private const string SharedMemory = "/dev/shm";
    private const string Prefix = "air-blocks-";
    private const int HashBytes = 8;

    private static readonly string SharedRoot = Path.Combine(SharedMemory, $"air-{Environment.UserName}");
    private static readonly string DiskRoot = Path.Combine(Path.GetTempPath(), $"air-{Environment.UserName}-blocks");
    private static readonly string SpillRoot = Path.Combine(Path.GetTempPath(), $"air-{Environment.UserName}-spill");

    /// <summary>The folder of a cluster's shared memory on this host.</summary>
    /// <param name="root">The folder of all clusters; null is the default.</param>
    /// <param name="clusterId">The cluster.</param>
    /// <param name="budgetBytes">How many bytes a silo wants to keep.</param>
    public static string Of(string? root, string clusterId, long budgetBytes) =>
        Path.Combine(Path.GetFullPath(root ?? DefaultRoot(budgetBytes)), NameOf(clusterId));

    /// <summary>The folder of a cluster's spilled blocks on this host.</summary>
    public static string OfSpill(string? root, string clusterId) =>
        Path.Combine(Path.GetFullPath(root ?? SpillRoot), NameOf(clusterId));

    /// <summary>Makes the folder of a cluster, which only this user may enter, and the root in which it is.</summary>
    /// <exception cref="AirException">One of them is there, and belongs to another user, is a link, or others may write into it.</exception>
    public static void Create(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        const UnixFileMode Mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var root = Path.GetDirectoryName(folder)!;
        Directory.CreateDirectory(root, Mine);
        Check(root, isRoot: true);
        Directory.CreateDirectory(folder, Mine);
        Check(folder, isRoot: false);
    }

    /// <summary>Whoever may change the folder, or the one in which it is, could put files of its own in place of ours.</summary>
    [UnsupportedOSPlatform("windows")]
    private static void Check(string folder, bool isRoot)
    {
        const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        var found = NativeFiles.LookAt(folder);
        var mode = found?.Mode ?? File.GetUnixFileMode(folder);
        // In a root with the sticky bit, such as /tmp, nobody can take another's folder away.
        var fault =
            found is { IsLink: true } ? "is a link. Give the folder to which it leads"
            : found is { User: var user } && user != NativeFiles.User() && !(isRoot && user == 0)
                ? $"belongs to the user with the number {user}, who could change what is in it. Remove it if that is not wanted"
            : (mode & OthersWrite) != 0 && !(isRoot && mode.HasFlag(UnixFileMode.StickyBit))
                ? "may be written by other users. Take that right from them (chmod 700)"
            : null;
        if (fault is not null)
        {
            throw new AirException(
                $"Folder '{folder}' is to hold blocks and {fault}, or give another folder with --block-folder and --spill-folder."
            );
        }
    }

    /// <summary>Whether it is a root that nobody named, so that it goes when it is empty.</summary>
    public static bool IsDefaultRoot(string root) => root == SharedRoot || root == DiskRoot || root == SpillRoot;

    /// <summary>Whether this class made the folder, by its name.</summary>
    public static bool IsOfBlocks(string folder)
    {
        var name = Path.GetFileName(folder);
        return name.Length == Prefix.Length + (2 * HashBytes) && name.StartsWith(Prefix, StringComparison.Ordinal);
    }

    private static string NameOf(string clusterId) =>
        Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(clusterId)).AsSpan(0, HashBytes));

    private static string DefaultRoot(long budgetBytes) => HasSharedMemory(budgetBytes) ? SharedRoot : DiskRoot;

    private static bool HasSharedMemory(long budgetBytes)
    {
        try
        {
            return OperatingSystem.IsLinux()
                && Directory.Exists(SharedMemory)
                && new DriveInfo(SharedMemory).TotalSize >= budgetBytes;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
