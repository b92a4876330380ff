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
    private const int HeaderBytes = 4 + 16 + 8;
    private static ReadOnlySpan<byte> Magic => "AIR1"u8;

    private readonly FileLocks _locks = new(Path.Combine(folder, "locks"));
    private readonly string _states = Path.Combine(folder, "state");

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(stateName, grainId);
        if (!File.Exists(path))
        {
            grainState.State = Activator.CreateInstance<T>();
            grainState.ETag = null;
            grainState.RecordExists = false;
            return;
        }

        var content = await File.ReadAllBytesAsync(path);
        grainState.ETag = CheckedETag(path, content);
        grainState.State = StateOf<T>(content);
        grainState.RecordExists = true;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(stateName, grainId);
        var payload = PayloadOf(grainState.State);
        var etag = Guid.NewGuid();
        using (await _locks.TakeAsync(path))
        {
            CheckNotStale(path, stateName, grainId, grainState.ETag);
            WriteAtomically(path, etag, payload);
        }

        grainState.ETag = etag.ToString("N");
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(stateName, grainId);
        using (await _locks.TakeAsync(path))
        {
            CheckNotStale(path, stateName, grainId, grainState.ETag);
            File.Delete(path);
        }

        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private static void WriteAtomically(string path, Guid etag, ReadOnlySpan<byte> payload)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var draft = $"{path}.{etag:N}.draft";
        try
        {
            using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None))
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
    }

    private static void CheckNotStale(string path, string stateName, GrainId grainId, string? held)
    {
        string? stored = null;
        if (File.Exists(path))
        {
            using var file = File.OpenRead(path);
            var header = new byte[HeaderBytes];
            stored =
                file.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) == HeaderBytes
                && header.AsSpan(0, 4).SequenceEqual(Magic)
                    ? ETagOf(header)
                    : throw Damaged(path, file.Length);
        }

        if (stored != held)
        {
            throw new InconsistentStateException(
                $"State '{stateName}' of grain {grainId} was changed by another activation.",
                stored ?? "none",
                held ?? "none"
            );
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

    private static AirException Damaged(string path, long bytes) =>
        new(
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
