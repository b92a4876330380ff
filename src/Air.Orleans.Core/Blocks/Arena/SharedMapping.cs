using System.IO.MemoryMappedFiles;

namespace Air.Orleans.Core.Blocks.Arena;

/// <summary>
/// A file mapped whole, once. It stays mapped until whoever made it has disposed it and nobody uses it any more; that the file is removed
/// meanwhile does not matter. Thread-safe.
/// </summary>
internal sealed unsafe class SharedMapping : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private int _uses = 1;
    private int _isDisposed;

    private SharedMapping(FileStream file, long length, bool isWritable)
    {
        var access = isWritable ? MemoryMappedFileAccess.ReadWrite : MemoryMappedFileAccess.Read;
        _file = MemoryMappedFile.CreateFromFile(
            file,
            null,
            length,
            access,
            HandleInheritability.None,
            leaveOpen: isWritable
        );
        _view = _file.CreateViewAccessor(0, length, access);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        Start = start;
        Length = length;
    }

    /// <summary>The first byte.</summary>
    public byte* Start { get; }

    public long Length { get; }

    /// <summary>Makes a file of that length that only this user may open, and maps it to be written. It is sparse: no byte of it is real yet.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static (SharedMapping Mapping, FileStream File) Create(string path, long length)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var file = new FileStream(path, options);
        try
        {
            file.SetLength(length);
            return (new SharedMapping(file, length, isWritable: true), file);
        }
        catch
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Maps a file that another process made; null where there is none.</summary>
    public static SharedMapping? TryOpen(string path, bool isWritable)
    {
        try
        {
            var file = new FileStream(
                path,
                FileMode.Open,
                isWritable ? FileAccess.ReadWrite : FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete,
                bufferSize: 0
            );
            var mapping = new SharedMapping(file, file.Length, isWritable);
            file.Dispose();
            return mapping;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Gone, another user's, or empty as it is only being made.
            return null;
        }
    }

    /// <summary>Keeps the mapping until <see cref="Release"/>; false where it is gone already.</summary>
    public bool TryUse()
    {
        var uses = Volatile.Read(ref _uses);
        while (uses > 0)
        {
            var seen = Interlocked.CompareExchange(ref _uses, uses + 1, uses);
            if (seen == uses)
            {
                return true;
            }

            uses = seen;
        }

        return false;
    }

    /// <summary>Keeps the mapping until the result is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It is gone already.</exception>
    public Usage Use() =>
        TryUse()
            ? new Usage(this)
            : throw new ObjectDisposedException(null, "The silo's memory for blocks is closed: the silo has stopped.");

    public void Release()
    {
        if (Interlocked.Decrement(ref _uses) == 0)
        {
            // Not the view itself: its end would write all of it to the disk first.
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.SafeMemoryMappedViewHandle.Dispose();
            _file.Dispose();
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            Release();
        }
    }

    /// <summary>A use of the mapping.</summary>
    public readonly struct Usage(SharedMapping mapping) : IDisposable
    {
        public void Dispose() => mapping.Release();
    }
}
