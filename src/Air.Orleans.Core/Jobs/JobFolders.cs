using System.Globalization;
using Air.Orleans.Core.Shipping.Code;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Jobs;

/// <summary>
/// The folders in which a silo's jobs run, in one of the silo's own beside the code. A file next to that is locked while the silo lives, and
/// the system ends the lock however the silo dies: what others find without it was left behind. Blocks; thread-safe.
/// </summary>
internal sealed partial class JobFolders(CodeFolder code, ILogger<JobFolders> logger) : IDisposable
{
    private const string Lock = ".lock";
    private const int Attempts = 10;

    private readonly Lock _gate = new();
    private FileStream? _lock;
    private string? _own;

    private string Root => Path.Combine(code.Root, "jobs");

    /// <summary>The folder of an attempt, which need not be there.</summary>
    public string Of(string job, int attempt)
    {
        lock (_gate)
        {
            _own ??= NewOwn();
            return Path.Combine(_own, string.Create(CultureInfo.InvariantCulture, $"{job}.{attempt}"));
        }
    }

    /// <summary>Removes an attempt's folder, where there is one.</summary>
    public void Remove(string job, int attempt)
    {
        lock (_gate)
        {
            if (_own is null)
            {
                return;
            }
        }

        Delete(Of(job, attempt));
    }

    /// <summary>Removes the folders of silos that are dead. Gives how many that were.</summary>
    public int Sweep()
    {
        if (!Directory.Exists(Root))
        {
            return 0;
        }

        var removed = 0;
        var names = Directory
            .EnumerateFileSystemEntries(Root)
            .Select(static entry => Path.GetFileName(entry))
            .Select(static name => name.EndsWith(Lock, StringComparison.Ordinal) ? name[..^Lock.Length] : name)
            .Distinct()
            .ToList();
        foreach (var name in names)
        {
            var folder = Path.Combine(Root, name);
            // A silo locks the file before it makes the folder.
            using var held = TryLock(folder + Lock, FileMode.OpenOrCreate);
            if (held is not null && Delete(folder))
            {
                removed++;
                LogSwept(folder);
            }
        }

        return removed;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_own is { } own)
            {
                Delete(own);
            }

            _lock?.Dispose();
        }
    }

    private string NewOwn()
    {
        code.MakeRoot();
        for (var attempt = 1; ; attempt++)
        {
            var folder = Path.Combine(Root, Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(Root);
            _lock = TryLock(folder + Lock, FileMode.CreateNew);
            // Another silo may have taken it for left behind, in the moment between its making and its locking.
            if (_lock is not null && File.Exists(folder + Lock))
            {
                Directory.CreateDirectory(folder);
                return folder;
            }

            _lock?.Dispose();
            if (attempt == Attempts)
            {
                throw new IOException($"'{Root}' cannot hold the folders of jobs: a file there cannot be locked.");
            }
        }
    }

    private static FileStream? TryLock(string file, FileMode mode)
    {
        try
        {
            return new FileStream(file, mode, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether something was there and is gone.</summary>
    private bool Delete(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
                return true;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What a process of the job still writes there stays until a silo starts.
            LogNotRemoved(folder, error);
        }

        return false;
    }

    [LoggerMessage(1058, LogLevel.Information, "'{Folder}' was left behind by a silo that is gone, and is removed.")]
    private partial void LogSwept(string folder);

    [LoggerMessage(1059, LogLevel.Debug, "'{Folder}' cannot be removed now.")]
    private partial void LogNotRemoved(string folder, Exception error);
}
