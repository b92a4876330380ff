using System.Buffers.Binary;
using System.IO.Hashing;
using Orleans.Storage;

namespace Air.Orleans.Core.Storage;

/// <summary>
/// Grain storage in a folder, the embedded default that needs no server. Each state is one file, written beside its place,
/// flushed to the disk and renamed, so that a crash leaves the old or the new state and never half of one. Writers check
/// the ETag under a lock that also holds between processes. Payloads are bytes of Orleans' serializer, or of the state itself where it
/// is nothing else.
/// </summary>
internal sealed partial class FileGrainStorage(string folder, Serializer serializer) : IByteGrainStorage
{
    private const string DraftEnding = ".draft";
    private const int HeaderBytes = 4 + 16 + 8;
    private static ReadOnlySpan<byte> Magic => "AIR1"u8;

    private readonly FileLocks _locks = new(Path.Combine(folder, "locks"));
    private readonly string _states = Path.Combine(folder, "state");
    private int _swept;

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(stateName, grainId);
        if (await ReadAsync(path) is not { } content)
        {
            grainState.State = Activator.CreateInstance<T>();
            grainState.ETag = null;
            grainState.RecordExists = false;
            return;
        }

        var etag = CheckedETag(path, content);
        grainState.State = StateOf<T>(path, content);
        grainState.ETag = etag;
        grainState.RecordExists = true;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(stateName, grainId);
        var payload = PayloadOf(grainState.State);
        var etag = Guid.NewGuid();
        await ChangeAsync(path, stateName, grainId, grainState.ETag, () => WriteAtomically(path, etag, payload));
        grainState.ETag = etag.ToString("N");
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(stateName, grainId);
        await ChangeAsync(path, stateName, grainId, grainState.ETag, () => Delete(path));
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    /// <summary>Makes the change under the lock, if nobody has changed the state since it was read.</summary>
    private Task ChangeAsync(string path, string stateName, GrainId grainId, string? held, Action change) =>
        LockedAsync(
            path,
            () =>
            {
                CheckNotStale(path, stateName, grainId, held);
                change();
            }
        );

    private async Task LockedAsync(string path, Action change)
    {
        try
        {
            await SweepAsync();
            using (await _locks.TakeAsync(path))
            {
                change();
            }
        }
        catch (Exception error) when (FileFaults.Is(error))
        {
            throw FileFaults.Describe(error, path, "The state was not changed; what was stored before is still there.");
        }
    }

    private static async Task<byte[]?> ReadAsync(string path)
    {
        try
        {
            return await File.ReadAllBytesAsync(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (FileFaults.Is(error))
        {
            throw FileFaults.Describe(error, path, "The state was not read.");
        }
    }

    private T? Deserialize<T>(string path, ReadOnlyMemory<byte> payload)
    {
        try
        {
            return serializer.Deserialize<T>(payload);
        }
        catch (Exception error)
        {
            throw new StorageException(
                StorageFault.Damaged,
                $"'{path}' is whole, but is no {typeof(T).Name} of this version: {error.Message} "
                    + "Read it with the version that wrote it, or delete it to begin without this state."
            );
        }
    }

    private static void WriteAtomically(string path, Guid etag, ReadOnlySpan<byte> payload)
    {
        var place = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(place);
        var draft = path + DraftEnding;
        try
        {
            using (var file = new FileStream(draft, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                Span<byte> header = stackalloc byte[HeaderBytes];
                Magic.CopyTo(header);
                etag.TryWriteBytes(header[4..]);
                BinaryPrimitives.WriteUInt64LittleEndian(header[20..], Checksum(header[4..20], payload));
                file.Write(header);
                file.Write(payload);
                file.Flush(flushToDisk: true);
            }

            File.Move(draft, path, overwrite: true);
        }
        catch
        {
            File.Delete(draft);
            throw;
        }

        FolderSync.Flush(place);
    }

    private static void Delete(string path)
    {
        if (File.Exists(path))
        {
            File.Delete(path);
            FolderSync.Flush(Path.GetDirectoryName(path)!);
        }
    }

    /// <summary>
    /// Removes, before the first change, what writers left that were killed. A draft is written under its state's lock, so none that is
    /// found under the lock has a writer.
    /// </summary>
    private async Task SweepAsync()
    {
        if (Interlocked.Exchange(ref _swept, 1) != 0 || !Directory.Exists(_states))
        {
            return;
        }

        foreach (var draft in Directory.EnumerateFiles(_states, "*" + DraftEnding, SearchOption.AllDirectories))
        {
            using (await _locks.TakeAsync(draft[..^DraftEnding.Length]))
            {
                File.Delete(draft);
            }
        }
    }

    private static void CheckNotStale(string path, string stateName, GrainId grainId, string? held)
    {
        var stored = StoredETag(path);
        if (stored != held)
        {
            throw new InconsistentStateException(
                $"State '{stateName}' of grain {grainId} was changed by another activation.",
                stored ?? "none",
                held ?? "none"
            );
        }
    }

    private static string? StoredETag(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var header = new byte[HeaderBytes];
            return
                file.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) == HeaderBytes
                && header.AsSpan(0, 4).SequenceEqual(Magic)
                ? ETagOf(header)
                : throw Damaged(path, file.Length);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static string CheckedETag(string path, byte[] content)
    {
        var whole =
            content.Length >= HeaderBytes
            && content.AsSpan(0, 4).SequenceEqual(Magic)
            && BinaryPrimitives.ReadUInt64LittleEndian(content.AsSpan(20))
                == Checksum(content.AsSpan(4, 16), content.AsSpan(HeaderBytes));
        return whole ? ETagOf(content) : throw Damaged(path, content.Length);
    }

    private static StorageException Damaged(string path, long bytes) =>
        new(
            StorageFault.Damaged,
            $"'{path}' is not what was written: its hash does not match its {bytes} bytes. "
                + "Restore the file from a backup, or delete it to begin without this state."
        );

    private static ulong Checksum(ReadOnlySpan<byte> etag, ReadOnlySpan<byte> payload)
    {
        var hash = new XxHash3();
        hash.Append(etag);
        hash.Append(payload);
        return hash.GetCurrentHashAsUInt64();
    }

    private static string ETagOf(ReadOnlySpan<byte> header) => new Guid(header.Slice(4, 16)).ToString("N");

    private string PathOf(string stateName, GrainId grainId) =>
        Path.Combine(
            _states,
            FileNames.Escape(stateName),
            FileNames.Escape(grainId.Type.ToString() ?? ""),
            FileNames.Escape(grainId.Key.ToString() ?? "") + ".bin"
        );
}
