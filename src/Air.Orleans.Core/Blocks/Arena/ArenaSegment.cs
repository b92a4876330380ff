using System.Security.Cryptography;
using Air.Orleans.Core.Blocks.Control;

namespace Air.Orleans.Core.Blocks.Arena;

/// <summary>
/// The shared memory that one silo owns: a sparse file as long as its budget, mapped once, made real piece by piece as it is used. Space that is
/// freed is given out again when no process reads it any more. Thread-safe.
/// </summary>
internal sealed unsafe class ArenaSegment : IDisposable
{
    /// <summary>The end of the files' names.</summary>
    public const string Ending = ".segment";

    private const long PieceBytes = 4 << 20;

    private readonly Lock _gate = new();
    private readonly Lock _growth = new();
    private readonly Lock _looking = new();
    private readonly ArenaAllocator _allocator;
    private readonly ReaderWatch _readers;
    private readonly FileStream _file;
    private readonly List<BlockPlace> _leaving = [];
    private long _realBytes;
    private long _generation;
    private long _leavingBytes;

    public ArenaSegment(BlockParty party, long budgetBytes)
    {
        Path = party.PathOf(Ending);
        Number = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) | 1;
        _allocator = new ArenaAllocator(SegmentHeader.Bytes, budgetBytes);
        var length = SegmentHeader.Bytes + _allocator.CapacityBytes;
        (Mapping, _file) = SharedMapping.Create(Path, length);
        _readers = new ReaderWatch(party, Number);
        if (!TryMakeReal(SegmentHeader.Bytes))
        {
            Dispose();
            File.Delete(Path);
            throw new BlockSpaceException(
                $"'{party.Folder}' is full: not even the header of the memory for blocks has room. Make room there, or give another folder "
                    + "with --block-folder."
            );
        }

        SegmentHeader.Write(Mapping.Start, Number, length);
    }

    public string Path { get; }

    /// <summary>Differs from that of every other segment.</summary>
    public long Number { get; }

    public SharedMapping Mapping { get; }

    public long CapacityBytes => _allocator.CapacityBytes;

    /// <summary>What blocks take, with those that are only waited for by readers.</summary>
    public long UsedBytes
    {
        get
        {
            lock (_gate)
            {
                return _allocator.UsedBytes;
            }
        }
    }

    /// <summary>What freed blocks take that others still read.</summary>
    public long LeavingBytes => Interlocked.Read(ref _leavingBytes);

    /// <summary>Whether the last range that was asked for had no room on the disk or in the shared memory, although the budget had.</summary>
    public bool IsFolderFull { get; private set; }

    /// <summary>Space for a block, marked as being written; null where there is none.</summary>
    public BlockPlace? TryAllocate(Guid id, int length, int pad)
    {
        var place = new BlockPlace(Number, 0, Interlocked.Increment(ref _generation), pad, length);
        var size = ArenaAllocator.Rounded(place.Span);
        if (Take(size) is not { } offset)
        {
            return null;
        }

        place = place with { Offset = offset };
        if (!TryMakeReal(offset + size))
        {
            lock (_gate)
            {
                // What is not real cannot be given out until the folder has room again.
                _allocator.Free(offset, size);
                _allocator.Cut(Interlocked.Read(ref _realBytes));
            }

            return null;
        }

        SegmentHeader.Begin(Mapping.Start, place, id);
        return place;
    }

    /// <summary>As <see cref="TryAllocate"/>, where that takes no look at any file; null otherwise. Does not block.</summary>
    public BlockPlace? TryAllocateAtOnce(Guid id, int length, int pad)
    {
        var place = new BlockPlace(Number, 0, Interlocked.Increment(ref _generation), pad, length);
        var size = ArenaAllocator.Rounded(place.Span);
        lock (_gate)
        {
            // What was freed is used again first, and that takes a look at the readers.
            if (_leavingBytes >= size || _allocator.Allocate(size) is not { } offset)
            {
                return null;
            }

            if (offset + size > Interlocked.Read(ref _realBytes))
            {
                _allocator.Free(offset, size);
                return null;
            }

            place = place with { Offset = offset };
        }

        SegmentHeader.Begin(Mapping.Start, place, id);
        return place;
    }

    private long? Take(long size)
    {
        long end;
        if (IsShortOf(size))
        {
            Collect();
        }

        lock (_gate)
        {
            end = _allocator.End;
            if (_allocator.Allocate(size) is { } found)
            {
                return found;
            }

            if (end == Mapping.Length)
            {
                return null;
            }
        }

        // The folder was full; it may have room again.
        var wanted = Math.Min(Mapping.Length, end + size);
        if (!TryMakeReal(wanted))
        {
            return null;
        }

        lock (_gate)
        {
            _allocator.Extend(wanted);
            return _allocator.Allocate(size);
        }
    }

    /// <summary>Gives a block's space back, as soon as no process reads it.</summary>
    public void Free(BlockPlace place)
    {
        SegmentHeader.Mark(Mapping.Start, place, BlockState.Freeing);
        lock (_gate)
        {
            _leaving.Add(place);
            Interlocked.Add(ref _leavingBytes, ArenaAllocator.Rounded(place.Span));
        }
    }

    /// <summary>The blocks that other processes read now; null where that cannot be known.</summary>
    public HashSet<long>? UsedByOthers()
    {
        lock (_looking)
        {
            return _readers.Used();
        }
    }

    /// <summary>Takes back the space of freed blocks that nobody reads any more.</summary>
    public void Reclaim() => Collect();

    public void Dispose()
    {
        lock (_looking)
        {
            _readers.Dispose();
        }

        Mapping.Dispose();
        _file.Dispose();
    }

    private bool IsShortOf(long size)
    {
        lock (_gate)
        {
            return _leavingBytes >= size || _allocator.LongestFree < size;
        }
    }

    /// <summary>The look at the readers' files holds up nobody who only takes or gives back space.</summary>
    private void Collect()
    {
        lock (_looking)
        {
            List<BlockPlace> marked;
            lock (_gate)
            {
                // Only what was marked before the look may be given back after it.
                marked = [.. _leaving];
            }

            if (marked.Count == 0 || _readers.Used() is not { } used)
            {
                return;
            }

            var free = marked
                .Where(place => !used.Contains(place.Generation))
                .Select(static place => place.Generation)
                .ToHashSet();
            lock (_gate)
            {
                _leaving.RemoveAll(place => free.Contains(place.Generation) && Release(place));
            }
        }
    }

    /// <summary>Under the lock.</summary>
    private bool Release(BlockPlace place)
    {
        SegmentHeader.Mark(Mapping.Start, place, BlockState.Free);
        _allocator.Free(place.Offset, place.Span);
        Interlocked.Add(ref _leavingBytes, -ArenaAllocator.Rounded(place.Span));
        return true;
    }

    private bool TryMakeReal(long end)
    {
        lock (_growth)
        {
            if (end > _realBytes)
            {
                var wanted = Math.Min(Mapping.Length, (end + PieceBytes - 1) / PieceBytes * PieceBytes);
                if (!NativeFiles.TryReserve(_file.SafeFileHandle, _realBytes, wanted - _realBytes))
                {
                    // Perhaps less than a whole piece is left.
                    wanted = end;
                    IsFolderFull = !NativeFiles.TryReserve(_file.SafeFileHandle, _realBytes, wanted - _realBytes);
                    if (IsFolderFull)
                    {
                        return false;
                    }
                }

                Interlocked.Exchange(ref _realBytes, wanted);
            }

            IsFolderFull = false;
            return true;
        }
    }
}
