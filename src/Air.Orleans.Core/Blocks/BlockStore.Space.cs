using Air.Orleans.Core.Blocks.Arena;
using Air.Orleans.Core.Blocks.Control;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Blocks;

/// <summary>How blocks leave memory, and come back.</summary>
internal sealed partial class BlockStore
{
    /// <summary>How long one waits for leases to end where they hold all of the memory.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The end of another process's lease is seen only by looking.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly ManualResetEventSlim _changed = new();
    private readonly Dictionary<Guid, string> _waiting = [];

    private BlockPlace Allocate(Guid id, int length, int pad)
    {
        var need = SegmentHeader.BlockBytes + (long)pad + length;
        if (ArenaAllocator.Rounded(need) > Arena.CapacityBytes)
        {
            ThrowIfNeverFits(need);
        }

        var began = _time.GetTimestamp();
        try
        {
            while (true)
            {
                _changed.Reset();
                if (Arena.TryAllocate(id, length, pad) is { } place)
                {
                    return place;
                }

                if (SendAway(need))
                {
                    continue;
                }

                var reason = WhyFull(need);
                if (_time.GetElapsedTime(began) > Patience)
                {
                    throw new BlockSpaceException(reason);
                }

                lock (_gate)
                {
                    _waiting[id] = reason;
                }

                _changed.Wait(Look);
            }
        }
        finally
        {
            lock (_gate)
            {
                _waiting.Remove(id);
            }
        }
    }

    private void ThrowIfNeverFits(long need)
    {
        if (need > _budgetBytes)
        {
            throw new BlockSpaceException(
                $"A block of {need} bytes can never have room: the silo's budget for blocks is {_budgetBytes} bytes. "
                    + "Make smaller blocks, or start the silo with a larger AirOptions.BlockMemoryBytes (--block-memory)."
            );
        }
    }

    /// <summary>Lets blocks leave memory that together are as large; false where none can leave.</summary>
    private bool SendAway(long bytes)
    {
        if (Arena.UsedByOthers() is not { } used)
        {
            return false;
        }

        var leaving = new List<BlockEntry>();
        lock (_gate)
        {
            var sum = 0L;
            foreach (var entry in _order.FromOldest())
            {
                if (entry.Pins > 0 || used.Contains(entry.Place.Generation))
                {
                    continue;
                }

                leaving.Add(entry);
                sum += entry.Place.Span;
                if (sum >= bytes)
                {
                    break;
                }
            }

            leaving.ForEach(Pin);
        }

        var sent = 0;
        try
        {
            for (; sent < leaving.Count; sent++)
            {
                SendAway(leaving[sent]);
            }
        }
        finally
        {
            lock (_gate)
            {
                // After an error: those that were not reached stay.
                leaving.Skip(sent).ToList().ForEach(UnpinInside);
            }
        }

        Arena.Reclaim();
        return leaving.Count > 0;
    }

    private unsafe void SendAway(BlockEntry entry)
    {
        var isCopy = entry.IsCopy;
        if (!entry.IsOnDisk && !isCopy)
        {
            var content = new ReadOnlySpan<byte>(Arena.Mapping.Start + entry.Place.Content, entry.Place.Length);
            _spill.Write(entry.Id, content, entry.Hash);
            Interlocked.Increment(ref _spills);
        }

        lock (_gate)
        {
            if (entry.State != EntryState.InMemory)
            {
                // Freed meanwhile: its file must go with it.
                if (!isCopy && !_entries.ContainsKey(entry.Id))
                {
                    _spill.Delete(entry.Id);
                }

                UnpinInside(entry);
                return;
            }

            entry.IsOnDisk |= !isCopy;
            UnpinInside(entry);
            // Somebody reads it again; or holds what was a copy that could be let go.
            if (entry.Pins > 0 || entry.IsCopy != isCopy)
            {
                return;
            }

            _order.Remove(entry);
            Arena.Free(entry.Place);
            if (isCopy)
            {
                entry.State = EntryState.Gone;
                _entries.Remove(entry.Id);
                return;
            }

            entry.State = EntryState.OnDisk;
            _spilledBytes += entry.Place.Span;
            _spilledCount++;
        }
    }

    /// <summary>Blocking; once for each block, however many ask for it.</summary>
    private unsafe bool Restore(BlockEntry entry)
    {
        using var use = Arena.Mapping.Use();
        BlockPlace? space = null;
        try
        {
            var place = Allocate(entry.Id, entry.Place.Length, entry.Place.Pad);
            space = place;
            var content = new Span<byte>(Arena.Mapping.Start + place.Content, place.Length);
            if (_spill.Read(entry.Id, content, entry.Hash) is { } fault)
            {
                LogDamaged(entry.Id, fault);
                RemoveSame(entry);
                throw new BlockLostException($"Block {entry.Id:N} is lost: {fault}. It must be made again.");
            }

            SegmentHeader.Finish(Arena.Mapping.Start, place, entry.Hash);
            lock (_gate)
            {
                entry.Restoring = null;
                if (entry.State == EntryState.OnDisk)
                {
                    entry.Place = place;
                    entry.State = EntryState.InMemory;
                    _order.Touch(entry);
                    _spilledBytes -= place.Span;
                    _spilledCount--;
                    space = null;
                    Interlocked.Increment(ref _restores);
                }
            }

            return true;
        }
        finally
        {
            lock (_gate)
            {
                entry.Restoring = null;
            }

            if (space is { } unused)
            {
                Arena.Free(unused);
            }
        }
    }

    private string WhyFull(long need)
    {
        lock (_gate)
        {
            var where = Arena.IsFolderFull
                ? $"'{_folder}' is full, below the budget of {_budgetBytes} bytes: {Arena.CapacityBytes} bytes of it could be had"
                : $"the budget for blocks is {_budgetBytes} bytes";
            return $"A block of {need} bytes has no room: {where}, {Arena.UsedBytes} bytes are in use, of which blocks that are being read or written "
                + $"here take {_pinnedBytes + _writing.Values.Sum(static entry => entry.Place.Span)} and blocks that other processes read, or freed ones that they still read, the rest; the longest free piece "
                + $"is too short. Dispose leases that are not needed, make smaller blocks, or give the silo more memory for blocks.";
        }
    }

    [LoggerMessage(1030, LogLevel.Warning, "Spilled block {Id} is lost: {Fault}.")]
    private partial void LogDamaged(Guid id, string fault);
}
