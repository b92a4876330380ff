using Air.Orleans.Core.Blocks.Arena;
using Air.Orleans.Core.Blocks.Control;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Blocks;

/// <summary>How blocks leave memory, and come back.</summary>
internal sealed partial class BlockStore
{
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
            _spill.Write(entry.Id, entry.Serial, content, entry.Hash);
            Interlocked.Increment(ref _spills);
        }

        lock (_gate)
        {
            if (entry.State != EntryState.InMemory)
            {
                // Freed meanwhile: its file, which is no other's, must go with it.
                if (!isCopy)
                {
                    DeleteFile(entry);
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

    /// <summary>Once for each block, however many ask for it.</summary>
    private async Task RestoreAsync(BlockEntry entry)
    {
        BlockPlace? space = null;
        try
        {
            using var use = Arena.Mapping.Use();
            var place = await AllocateAsync(entry.Id, entry.Place.Length, entry.Place.Pad, CancellationToken.None);
            space = place;
            await _threads.RunAsync(
                $"restore of block {entry.Id:N}",
                () =>
                {
                    Read(entry, place);
                    return true;
                },
                CancellationToken.None
            );
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
        }
        finally
        {
            lock (_gate)
            {
                entry.Restoring = null;
            }

            if (space is { } unused && !_isDisposed)
            {
                Arena.Free(unused);
            }
        }
    }

    /// <summary>Reads the block's file into its place. Blocking.</summary>
    /// <exception cref="BlockLostException">It is damaged.</exception>
    private unsafe void Read(BlockEntry entry, BlockPlace place)
    {
        var content = new Span<byte>(Arena.Mapping.Start + place.Content, place.Length);
        if (_spill.Read(entry.Id, entry.Serial, content, entry.Hash) is { } fault)
        {
            if (entry.State == EntryState.Gone)
            {
                // Freed meanwhile, and its file with it.
                throw Lost(entry.Id);
            }

            LogDamaged(entry.Id, fault);
            RemoveSame(entry);
            throw new BlockLostException($"Block {entry.Id:N} is lost: {fault}. It must be made again.");
        }

        SegmentHeader.Finish(Arena.Mapping.Start, place, entry.Hash);
    }

    [LoggerMessage(1030, LogLevel.Warning, "Spilled block {Id} is lost: {Fault}.")]
    private partial void LogDamaged(Guid id, string fault);
}
