using System.Runtime.InteropServices;

namespace Air.Orleans.Core.Storage;

/// <summary>
/// Gives a file a name that only one of several writers can get, processes too. <see cref="File.Move(string, string, bool)"/> without
/// overwriting does not do that on Unix: it looks whether the name is free and then renames, and of two that both saw it free the second
/// replaces the file of the first.
/// </summary>
internal static partial class NameClaim
{
    private const int NoSuchFile = 2;
    private const int Exists = 17;

    /// <summary>
    /// Makes <paramref name="draft"/> the file of name <paramref name="path"/>, in the same folder. False where another has the name, or the draft is
    /// gone. The draft may keep its own name beside; whoever made it removes that.
    /// </summary>
    /// <exception cref="IOException">The folder's file system cannot do it: on Unix it must have hard links.</exception>
    public static bool TryClaim(string draft, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return TryMove(draft, path);
        }

        if (Link(draft, path) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error is Exists or NoSuchFile
            ? false
            : throw new IOException(
                $"'{path}' cannot be made as a hard link: {Marshal.GetPInvokeErrorMessage(error)}. "
                    + "A file:// cluster needs a file system of this machine with hard links (ext4, XFS, tmpfs, APFS and NTFS have them); choose "
                    + "a folder on one, or a redis:// or postgresql:// cluster."
            );
    }

    private static bool TryMove(string draft, string path)
    {
        try
        {
            File.Move(draft, path, overwrite: false);
            return true;
        }
        catch (IOException error) when (error is FileNotFoundException || File.Exists(path))
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string file, string name);
}
