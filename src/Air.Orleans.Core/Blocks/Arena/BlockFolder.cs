using System.Security.Cryptography;
using System.Text;

namespace Air.Orleans.Core.Blocks.Arena;

/// <summary>Where the processes of a host meet that share blocks: a folder for each cluster, in shared memory where there is enough of it.</summary>
internal static class BlockFolder
{
    private const string SharedMemory = "/dev/shm";

    /// <summary>The folder of a cluster's shared memory on this host.</summary>
    /// <param name="root">The folder of all clusters; null is the default.</param>
    /// <param name="clusterId">The cluster.</param>
    /// <param name="budgetBytes">How many bytes a silo wants to keep.</param>
    public static string Of(string? root, string clusterId, long budgetBytes) =>
        Path.Combine(Path.GetFullPath(root ?? DefaultRoot(budgetBytes)), NameOf(clusterId));

    /// <summary>The folder of a cluster's spilled blocks on this host.</summary>
    public static string OfSpill(string? root, string clusterId) =>
        Path.Combine(
            Path.GetFullPath(root ?? Path.Combine(Path.GetTempPath(), $"air-spill-{Environment.UserName}")),
            NameOf(clusterId)
        );

    /// <summary>Makes a folder that only this user may enter.</summary>
    /// <exception cref="AirException">It is there, and others may enter it.</exception>
    public static void Create(string folder)
    {
        const UnixFileMode Mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(folder, Mine);
        if ((File.GetUnixFileMode(folder) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
        {
            throw new AirException(
                $"Folder '{folder}' is to hold blocks, and other users may write into it. Take that right from them (chmod 700), "
                    + "or give another folder with --block-folder and --spill-folder."
            );
        }
    }

    private static string NameOf(string clusterId) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(clusterId)).AsSpan(0, 8));

    private static string DefaultRoot(long budgetBytes)
    {
        var name = $"air-{Environment.UserName}";
        return HasSharedMemory(budgetBytes)
            ? Path.Combine(SharedMemory, name)
            : Path.Combine(Path.GetTempPath(), $"{name}-blocks");
    }

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
