namespace Air.Orleans.Core.Blocks.Arena;

/// <summary>
/// The file in which a process announces which blocks of other processes it uses. It writes a slot, then looks whether the block is still
/// there; the owner of the block says that it goes, then looks at all slots. Whichever comes first, the other sees it, so that space is never
/// used again under a reader. Thread-safe.
/// </summary>
internal sealed unsafe class ReaderSlots : IDisposable
{
    /// <summary>The end of the files' names.</summary>
    public const string Ending = ".readers";

    /// <summary>How many blocks of other processes a process can use at the same time.</summary>
    public const int Most = 65_536;

    private const int HeadBytes = 4096;
    private const int SlotBytes = 16;

    private readonly BlockParty _party;
    private readonly SharedMapping _mapping;
    private readonly FileStream _file;
    private readonly Stack<int> _free = new();
    private readonly Lock _gate = new();
    private int _used;
    private bool _isDisposed;

    /// <remarks>
    /// <c>party</c>: The process in that folder; it belongs to this from now on, also where this throws.
    /// </remarks>
    public ReaderSlots(BlockParty party)
    {
        _party = party;
        try
        {
            (_mapping, _file) = SharedMapping.Create(party.PathOf(Ending), HeadBytes + ((long)Most * SlotBytes));
            if (!NativeFiles.TryReserve(_file.SafeFileHandle, 0, _mapping.Length))
            {
                throw new BlockSpaceException(
                    $"There is no room in '{party.Folder}' for the {(HeadBytes + ((long)Most * SlotBytes)) >> 10} KB by which this process tells which blocks it reads. Make room there."
                );
            }
        }
        catch
        {
            _mapping?.Dispose();
            _file?.Dispose();
            party.Dispose();
            throw;
        }
    }

    /// <summary>Announces that this process uses a block, and gives the slot to clear after.</summary>
    /// <exception cref="BlockSpaceException">All slots are taken.</exception>
    public int Announce(BlockPlace place)
    {
        int slot;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_free.TryPop(out slot))
            {
                if (_used == Most)
                {
                    throw new BlockSpaceException(
                        $"This process holds {Most} blocks of other processes, and can hold no more. Dispose the leases that you need no longer."
                    );
                }

                slot = _used++;
                Volatile.Write(ref *(int*)_mapping.Start, _used);
            }
        }

        var at = SlotOf(_mapping, slot);
        at[0] = place.Segment;
        Volatile.Write(ref at[1], place.Generation);
        Interlocked.MemoryBarrier();
        return slot;
    }

    public void Clear(int slot)
    {
        bool isLast;
        lock (_gate)
        {
            Volatile.Write(ref SlotOf(_mapping, slot)[1], 0);
            _free.Push(slot);
            isLast = _isDisposed && _free.Count == _used;
        }

        if (isLast)
        {
            Close();
        }
    }

    /// <summary>Adds the blocks of a segment that the process of this file uses.</summary>
    public static void Collect(SharedMapping mapping, long segment, HashSet<long> generations)
    {
        var used = Math.Clamp(Volatile.Read(ref *(int*)mapping.Start), 0, Most);
        for (var slot = 0; slot < used; slot++)
        {
            var at = SlotOf(mapping, slot);
            var generation = Volatile.Read(ref at[1]);
            if (generation != 0 && at[0] == segment)
            {
                generations.Add(generation);
            }
        }
    }

    /// <summary>Takes no more blocks. The file, and the party, stay until the last slot is cleared: who reads on is still seen by the owners.</summary>
    public void Dispose()
    {
        bool isLast;
        lock (_gate)
        {
            isLast = !_isDisposed && _free.Count == _used;
            _isDisposed = true;
        }

        if (isLast)
        {
            Close();
        }
    }

    private void Close()
    {
        _mapping.Dispose();
        _file.Dispose();
        _party.Dispose();
    }

    private static long* SlotOf(SharedMapping mapping, int slot) =>
        (long*)(mapping.Start + HeadBytes + ((long)slot * SlotBytes));
}
