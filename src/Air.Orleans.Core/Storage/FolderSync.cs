using System.Runtime.InteropServices;

namespace Air.Orleans.Core.Storage;

/// <summary>Makes names in a folder last: on Unix a renamed file is only safe from a power cut once its folder is flushed too.</summary>
internal static class FolderSync
{
    private const int ReadOnly = 0;

    /// <exception cref="StorageException">The folder cannot be flushed.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
        {
            throw Error(folder);
        }

        try
        {
            if (Sync(descriptor) != 0)
            {
                throw Error(folder);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static StorageException Error(string folder) =>
        new(
            StorageFault.Other,
            $"'{folder}' cannot be flushed: {Marshal.GetLastPInvokeErrorMessage()}. The state was changed, but a power cut may undo it. "
                + "Look at the disk; then read the state again."
        );

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Sync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int descriptor);
}
