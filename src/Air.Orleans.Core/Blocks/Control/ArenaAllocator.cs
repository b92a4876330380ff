namespace Air.Orleans.Core.Blocks.Control;

/// <summary>
/// Gives out ranges of an arena, each beginning at a multiple of 64: the smallest free range that is large enough, of equals the first, so that
/// memory which was used before is used again and the end of the arena stays untouched as long as it can. Neighbours that are free
/// become one. Not thread-safe.
/// </summary>
internal sealed class ArenaAllocator
{
    /// <summary>What every range begins at a multiple of, and is one long.</summary>
    public const int Grain = 64;

    private readonly SortedSet<(long Size, long Offset)> _bySize = [];
    private readonly Dictionary<long, long> _sizeByStart = [];
    private readonly Dictionary<long, long> _startByEnd = [];

    /// <summary>Has the bytes from <paramref name="start"/> on to give.</summary>
    public ArenaAllocator(long start, long length)
    {
        CapacityBytes = length / Grain * Grain;
        End = start + CapacityBytes;
        if (CapacityBytes > 0)
        {
            Add(start, CapacityBytes);
        }
    }

    /// <summary>All that there is.</summary>
    public long CapacityBytes { get; private set; }

    /// <summary>Where it ends.</summary>
    public long End { get; private set; }

    /// <summary>What is given out.</summary>
    public long UsedBytes => CapacityBytes - FreeBytes;

    /// <summary>What is free, in however many pieces.</summary>
    public long FreeBytes { get; private set; }

    /// <summary>The longest range that could be given out now.</summary>
    public long LongestFree => _bySize.Count == 0 ? 0 : _bySize.Max.Size;

    /// <summary>The length that a range of so many bytes takes.</summary>
    public static long Rounded(long length) => (Math.Max(1, length) + Grain - 1) / Grain * Grain;

    /// <summary>A range of <see cref="Rounded"/> length; null where no free range is as long.</summary>
    public long? Allocate(long length)
    {
        var size = Rounded(length);
        if (size > LongestFree)
        {
            return null;
        }

        var (foundSize, offset) = _bySize.GetViewBetween((size, 0), (long.MaxValue, long.MaxValue)).Min;
        Take(offset, foundSize);
        if (foundSize > size)
        {
            Add(offset + size, foundSize - size);
        }

        return offset;
    }

    /// <summary>Takes a range back that was given out with that length.</summary>
    public void Free(long offset, long length)
    {
        var size = Rounded(length);
        if (_startByEnd.TryGetValue(offset, out var before))
        {
            size += offset - before;
            Take(before, offset - before);
            offset = before;
        }

        if (_sizeByStart.TryGetValue(offset + size, out var after))
        {
            Take(offset + size, after);
            size += after;
        }

        Add(offset, size);
    }

    /// <summary>Gives out nothing from <paramref name="end"/> on any more, as far as that is free.</summary>
    public void Cut(long end)
    {
        if (_startByEnd.TryGetValue(End, out var last) && end < End)
        {
            var from = Math.Max(last, end);
            Take(last, End - last);
            CapacityBytes -= End - from;
            End = from;
            if (from > last)
            {
                Add(last, from - last);
            }
        }
    }

    /// <summary>Has the bytes up to <paramref name="end"/> to give again.</summary>
    public void Extend(long end)
    {
        if (end > End)
        {
            var from = End;
            CapacityBytes += end - from;
            End = end;
            Free(from, end - from);
        }
    }

    private void Add(long offset, long size)
    {
        _bySize.Add((size, offset));
        _sizeByStart.Add(offset, size);
        _startByEnd.Add(offset + size, offset);
        FreeBytes += size;
    }

    private void Take(long offset, long size)
    {
        _bySize.Remove((size, offset));
        _sizeByStart.Remove(offset);
        _startByEnd.Remove(offset + size);
        FreeBytes -= size;
    }
}
