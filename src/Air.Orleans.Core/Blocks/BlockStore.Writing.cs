using Air.Orleans.Core.Blocks.Arena;
using Air.Orleans.Core.Blocks.Control;
using Air.Orleans.Core.Placement;

namespace Air.Orleans.Core.Blocks;

/// <summary>How space comes to hold a block.</summary>
internal sealed partial class BlockStore
{
    private volatile bool _isClosed;

    /// <summary>Whether no other process may put blocks here any more.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Takes blocks of this process alone from now on: the silo drains.</summary>
    public void CloseToOthers() => _isClosed = true;

    /// <exception cref="SiloGoneException">No other process may put blocks here any more.</exception>
    public void ThrowIfClosed()
    {
        if (_isClosed)
        {
            throw new SiloGoneException("The silo drains, and takes no new blocks; put them to another.");
        }
    }

    /// <summary>
    /// Space for a block that another process writes, and commits. Asked again by the same holder it is the same space, which is given back when the
    /// holder is silent too long; what it maps is known by its slot meanwhile.
    /// </summary>
    /// <exception cref="BlockSpaceException">There is none.</exception>
    public async Task<BlockPlace> ReserveAsync(Guid id, int length, int pad, int rows, string holder)
    {
        if (FindReserved(id, holder) is { } earlier)
        {
            return earlier;
        }

        await OpenArenaAsync();
        using var use = Arena.Mapping.Use();
        var place = await AllocateAsync(id, length, pad, CancellationToken.None);
        return Adopt(place, id, rows, holder, isCopy: false);
    }

    /// <summary>
    /// Space for a block that this process writes: its own alone, and nobody's silence ends it while it is written. Who holds the block is said
    /// when it is committed. Blocking: for a compute slot.
    /// </summary>
    /// <exception cref="BlockSpaceException">There is none.</exception>
    public BlockPlace ReserveHere(Guid id, int length, int pad, int rows)
    {
        using var use = Arena.Mapping.Use();
        return Adopt(Allocate(id, length, pad), id, rows, holder: null, isCopy: false);
    }

    /// <summary>As <see cref="ReserveHere"/>, where no thread waits.</summary>
    /// <remarks>
    /// <c>isCopy</c>: Whether it can be had elsewhere: nobody need hold it, and it is never spilled.
    /// </remarks>
    /// <exception cref="BlockSpaceException">There is none.</exception>
    public async Task<BlockPlace> ReserveHereAsync(
        Guid id,
        int length,
        int pad,
        int rows,
        bool isCopy,
        CancellationToken cancellationToken
    )
    {
        await OpenArenaAsync();
        using var use = Arena.Mapping.Use();
        return Adopt(await AllocateAsync(id, length, pad, cancellationToken), id, rows, holder: null, isCopy);
    }

    /// <summary>As <see cref="ReserveAsync"/>, where nothing must leave memory for it and no file be touched; null otherwise. Does not block.</summary>
    public BlockPlace? TryReserve(Guid id, int length, int pad, int rows, string holder)
    {
        if (!IsOpen)
        {
            return null;
        }

        using var use = Arena.Mapping.Use();
        return FindReserved(id, holder)
            ?? (
                Arena.TryAllocateAtOnce(id, length, pad) is { } place
                    ? Adopt(place, id, rows, holder, isCopy: false)
                    : null
            );
    }

    /// <summary>Makes a block that was written in its reserved space visible, in place of an earlier one of that id. Does nothing when done already.</summary>
    /// <remarks>
    /// <c>holder</c>: Who holds it from now on; null where that was said when the space was reserved, or it is this silo.
    /// </remarks>
    /// <exception cref="BlockLostException">The reservation is gone: its holder was silent too long.</exception>
    public void Commit(Guid id, BlockPlace place, UInt128 hash, string? holder = null)
    {
        lock (_gate)
        {
            if (!_writing.Remove(place.Generation, out var entry))
            {
                if (_entries.TryGetValue(id, out var done) && done.Hash == hash)
                {
                    return;
                }

                throw new BlockLostException(
                    $"The space of block {id:N} was given back before it was written: whoever put it was not heard of for {HolderBook.Silence.TotalSeconds} s. Put it again."
                );
            }

            if (_entries.Remove(id, out var earlier))
            {
                Retire(earlier);
            }

            if (holder is not null)
            {
                entry.Holders = _holders.Hear(holder);
            }

            entry.Hash = hash;
            entry.State = EntryState.InMemory;
            unsafe
            {
                SegmentHeader.Finish(Arena.Mapping.Start, place, hash);
            }

            _entries.Add(id, entry);
            _order.Touch(entry);
        }
    }

    /// <summary>Gives reserved space back that will not be written.</summary>
    public void Abandon(BlockPlace place)
    {
        lock (_gate)
        {
            if (_writing.Remove(place.Generation))
            {
                Arena.Free(place);
            }
        }

        SetChanged();
    }

    private BlockPlace? FindReserved(Guid id, string holder)
    {
        lock (_gate)
        {
            return
                _holders.Find(holder) is int number
                && _writing.Values.FirstOrDefault(entry => entry.Id == id && entry.HasHolder(number)) is { } entry
                ? entry.Place
                : null;
        }
    }

    private BlockPlace Adopt(BlockPlace place, Guid id, int rows, string? holder, bool isCopy)
    {
        var entry = new BlockEntry
        {
            Id = id,
            Serial = Interlocked.Increment(ref _serial),
            Place = place,
            Rows = rows,
            IsCopy = isCopy,
        };
        lock (_gate)
        {
            if (holder is null)
            {
                entry.Holders = isCopy ? null : HolderBook.SelfBoxed;
            }
            else
            {
                entry.Holders = _holders.Hear(holder);
            }

            _writing.Add(place.Generation, entry);
        }

        return place;
    }
}
