namespace Air.Orleans.Core.Storage;

/// <summary>Tells what an error of the file system says about the storage.</summary>
internal static class FileFaults
{
    private const int NoSpace = 28;
    private const int ReadOnly = 30;
    private const int WouldBlock = 11;
    private const int WouldBlockOfMac = 35;
    private const int NoQuota = 122;
    private const int NoQuotaOfMac = 69;
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int LockViolation = unchecked((int)0x80070021);
    private const int HandleDiskFull = unchecked((int)0x80070027);
    private const int DiskFull = unchecked((int)0x80070070);
    private const int WriteProtected = unchecked((int)0x80070013);

    /// <summary>Whether the error comes of the file system, and so is to be told as one of the storage.</summary>
    public static bool Is(Exception error) => error is IOException or UnauthorizedAccessException;

    public static StorageFault Of(Exception error) =>
        error switch
        {
            UnauthorizedAccessException => StorageFault.Refused,
            IOException { HResult: NoSpace or NoQuota or NoQuotaOfMac or DiskFull or HandleDiskFull } =>
                StorageFault.Full,
            IOException { HResult: ReadOnly or WriteProtected } => StorageFault.Refused,
            _ => StorageFault.Other,
        };

    /// <summary>Whether another process holds the file.</summary>
    public static bool IsHeld(IOException error) =>
        error.HResult is WouldBlock or WouldBlockOfMac or SharingViolation or LockViolation;

    /// <summary>The error as a caller gets it: <paramref name="outcome"/> says what became of the state.</summary>
    public static StorageException Describe(Exception error, string path, string outcome)
    {
        var fault = Of(error);
        var advice = fault switch
        {
            StorageFault.Full => "Free space on that disk, or move the storage to a larger one",
            StorageFault.Refused =>
                "Give this process the right to read and write there, on a disk that is not read-only",
            _ => "Look at the disk and at the folder",
        };
        return new StorageException(fault, $"'{path}': {error.Message} {outcome} {advice}; then try again.");
    }
}
