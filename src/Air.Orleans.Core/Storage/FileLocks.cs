namespace Air.Orleans.Core.Storage;

/// <summary>
/// Locks on files by path, in this process and between processes: a fixed number of lock files, over which paths are
/// spread by hash. A process that dies lets go of its locks.
/// </summary>
internal sealed class FileLocks(string folder)
{
    private const int Stripes = 64;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(2);

    /// <summary>A lock is held for one write; who waits this long waits for a process that hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim[] _inProcess =
    [
        .. Enumerable.Range(0, Stripes).Select(static _ => new SemaphoreSlim(1)),
    ];

    /// <summary>Waits for the lock of <paramref name="path"/>; disposing the result lets go of it.</summary>
    /// <exception cref="StorageException">Another process has held it for 20 seconds.</exception>
    public async Task<IDisposable> TakeAsync(string path)
    {
        Directory.CreateDirectory(folder);
        var stripe = (int)(StableHash(path) % Stripes);
        await _inProcess[stripe].WaitAsync();
        try
        {
            return new Held(_inProcess[stripe], await OpenAsync(Path.Combine(folder, $"{stripe:x2}.lock")));
        }
        catch
        {
            _inProcess[stripe].Release();
            throw;
        }
    }

    private static async Task<FileStream> OpenAsync(string lockFile)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException error) when (FileFaults.IsHeld(error))
            {
                if (TimeProvider.System.GetElapsedTime(began) > Patience)
                {
                    throw new StorageException(
                        StorageFault.Unavailable,
                        $"'{lockFile}' has been locked by another process for {Patience.TotalSeconds:0} s, so nothing was written. "
                            + "End or continue the process that hangs with this storage open; then try again."
                    );
                }

                await Task.Delay(RetryInterval, TimeProvider.System);
            }
        }
    }

    private static uint StableHash(string path)
    {
        var hash = 2166136261u;
        foreach (var letter in Path.GetFullPath(path))
        {
            hash = (hash ^ letter) * 16777619u;
        }

        return hash;
    }

    private sealed class Held(SemaphoreSlim inProcess, FileStream file) : IDisposable
    {
        public void Dispose()
        {
            file.Dispose();
            inProcess.Release();
        }
    }
}
