using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Air.Orleans.Core.Blocks.Arena;

/// <summary>What .NET does not offer of the system's files.</summary>
internal static partial class NativeFiles
{
    private const int NoSpace = 28;
    private const int QuotaReached = 122;
    private const int Interrupted = 4;

    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint StatBasics = 0x7FF;
    private const int StatBytes = 256;
    private const int StatUser = 20;
    private const int StatMode = 28;
    private const int KindMask = 0xF000;
    private const int KindLink = 0xA000;

    private static readonly byte[] Zeros = new byte[1 << 20];

    /// <summary>
    /// Makes a range of a sparse file real, so that a later write into its mapping can never fail. False where the disk, or the shared
    /// memory, has no room for it: a process that touched such a page unprepared would be ended by a signal.
    /// </summary>
    /// <exception cref="IOException">There is another fault.</exception>
    public static bool TryReserve(SafeFileHandle file, long offset, long length)
    {
        if (!OperatingSystem.IsLinux())
        {
            return TryFill(file, offset, length);
        }

        int error;
        do
        {
            error = Allocate(file, offset, length);
        } while (error == Interrupted);

        return error switch
        {
            0 => true,
            NoSpace or QuotaReached => false,
            _ => throw new IOException($"posix_fallocate failed: {Marshal.GetPInvokeErrorMessage(error)}."),
        };
    }

    /// <summary>Who owns the file or folder itself, not what a link leads to; null where the system cannot tell.</summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static (uint User, bool IsLink, UnixFileMode Mode)? LookAt(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        // The same on every processor, other than what lstat gives.
        Span<byte> found = stackalloc byte[StatBytes];
        int result;
        try
        {
            result = Stat(CurrentFolder, path, NoFollow, StatBasics, ref MemoryMarshal.GetReference(found));
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }

        if (result != 0)
        {
            throw new IOException($"'{path}' cannot be looked at: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        var mode = BitConverter.ToUInt16(found[StatMode..]);
        return (
            BitConverter.ToUInt32(found[StatUser..]),
            (mode & KindMask) == KindLink,
            (UnixFileMode)(mode & ~KindMask)
        );
    }

    /// <summary>As whom this process makes files.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint User();

    /// <summary>Writes zeros: other systems have no such call, or not for every file system.</summary>
    private static bool TryFill(SafeFileHandle file, long offset, long length)
    {
        try
        {
            for (var done = 0L; done < length; done += Zeros.Length)
            {
                RandomAccess.Write(file, Zeros.AsSpan(0, (int)Math.Min(Zeros.Length, length - done)), offset + done);
            }

            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int Allocate(SafeFileHandle file, long offset, long length);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(int folder, string path, int flags, uint mask, ref byte found);
}
