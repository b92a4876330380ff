using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using Air.Orleans.Core.Blocks.Arena;

namespace Air.Orleans.Core.Blocks;

/// <summary>
/// The files of spilled blocks of one store: a head with the content's length and hash, and the content. A file comes to be whole or not at
/// all, and nothing is believed that does not have its hash. Blocking; thread-safe for different serials: one that is put anew under its id
/// has another file, so that a late writer of the earlier one harms nobody.
/// </summary>
internal sealed class SpillFiles : IDisposable
{
    private const string Ending = ".blocks";
    private const int HeadBytes = 48;
    private const long Magic = 0x31_4C4C_4950_5341; // "ASPILL1"

    private readonly string _root;
    private readonly Lock _gate = new();
    private BlockParty? _party;
    private bool _isDisposed;

    /// <remarks>
    /// <c>folder</c>: The folder of all silos of the cluster on this host; nothing is made there before the first block is spilled.
    /// </remarks>
    public SpillFiles(string folder) => _root = folder;

    /// <summary>Where the files are.</summary>
    public string Folder => _root;

    /// <summary>Writes the block's file.</summary>
    /// <exception cref="BlockSpaceException">The disk is full, or cannot be written.</exception>
    public void Write(Guid id, long serial, ReadOnlySpan<byte> content, UInt128 hash)
    {
        string? path = null;
        try
        {
            path = PathOf(id, serial) + ".new";
            using (
                var file = File.OpenHandle(
                    path,
                    FileMode.Create,
                    FileAccess.Write,
                    FileShare.None,
                    FileOptions.None,
                    preallocationSize: HeadBytes + content.Length
                )
            )
            {
                Span<byte> head = stackalloc byte[HeadBytes];
                head.Clear();
                BinaryPrimitives.WriteInt64LittleEndian(head, Magic);
                BinaryPrimitives.WriteInt64LittleEndian(head[8..], content.Length);
                BinaryPrimitives.WriteUInt128LittleEndian(head[16..], hash);
                id.TryWriteBytes(head[32..]);
                RandomAccess.Write(file, head, 0);
                RandomAccess.Write(file, content, HeadBytes);
            }

            File.Move(path, PathOf(id, serial), overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (path is not null)
            {
                TryDelete(path);
            }

            throw new BlockSpaceException(
                $"A block of {content.Length} bytes had to leave memory, and could not be written to '{_root}': {error.Message} "
                    + "Blocks that are stored stay as they are. Make room on that disk, give another folder with --spill-folder, or free blocks.",
                error
            );
        }
    }

    /// <summary>Reads a block's content into memory; null, or why the file cannot be believed.</summary>
    /// <exception cref="AirException">It cannot be read now, and may be whole.</exception>
    public string? Read(Guid id, long serial, Span<byte> content, UInt128 hash)
    {
        try
        {
            using var file = File.OpenHandle(PathOf(id, serial), FileMode.Open, FileAccess.Read, FileShare.Read);
            Span<byte> head = stackalloc byte[HeadBytes];
            if (
                RandomAccess.GetLength(file) != HeadBytes + content.Length
                || RandomAccess.Read(file, head, 0) != HeadBytes
                || BinaryPrimitives.ReadInt64LittleEndian(head) != Magic
                || BinaryPrimitives.ReadInt64LittleEndian(head[8..]) != content.Length
                || new Guid(head[32..48]) != id
            )
            {
                return $"'{PathOf(id, serial)}' is cut off, or is no file of this block";
            }

            for (var done = 0; done < content.Length; )
            {
                var read = RandomAccess.Read(file, content[done..], HeadBytes + done);
                if (read == 0)
                {
                    return $"'{PathOf(id, serial)}' is cut off";
                }

                done += read;
            }

            return XxHash128.HashToUInt128(content) == hash
                ? null
                : $"'{PathOf(id, serial)}' has other content than was written";
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return $"'{PathOf(id, serial)}' is gone";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new AirException(
                $"Block {id:N} is on disk in '{_root}' and cannot be read now: {error.Message} It is kept; see to the disk, and ask again.",
                error
            );
        }
    }

    public void Delete(Guid id, long serial)
    {
        try
        {
            if (Party is { } party)
            {
                File.Delete(PathIn(party, id, serial));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It goes with the silo at the latest.
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _party?.Dispose();
        }
    }

    private BlockParty? Party
    {
        get
        {
            lock (_gate)
            {
                return _party;
            }
        }
    }

    private string PathOf(Guid id, long serial)
    {
        BlockParty party;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            // Where the disk refuses it is tried anew each time.
            party = _party ??= BlockParty.Enter(_root);
        }

        BlockFolder.Create(party.PathOf(Ending));
        return PathIn(party, id, serial);
    }

    private static string PathIn(BlockParty party, Guid id, long serial) =>
        Path.Combine(party.PathOf(Ending), string.Create(CultureInfo.InvariantCulture, $"{id:N}-{serial}.block"));

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It goes with the silo at the latest.
        }
    }
}
