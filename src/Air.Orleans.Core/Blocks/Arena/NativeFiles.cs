using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Air.Orleans.Core.Blocks.Arena;

/// <summary>What .NET does not offer of the system's files.</summary>
internal static partial class NativeFiles
{
    private const int NoSpace = 28;
    private const int QuotaReached = 122;
    private const int Interrupted = 4;

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
}
