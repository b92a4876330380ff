using System.IO.Hashing;
using Air.Orleans.Core.Blocks.Arena;
using Air.Orleans.Core.Blocks.Control;
using Air.Orleans.Core.Resilience;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Blocks;

/// <summary>
/// The blocks of one silo: in shared memory, from where every process of the host reads them without a copy, and past the memory's budget on
/// disk, those first that were used longest ago. A block that was put stays until nobody holds it. What is named as blocking
/// belongs on a compute slot or on <see cref="BlockThreads"/>. Thread-safe.
/// </summary>
internal sealed partial class BlockStore : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, BlockEntry> _entries = [];
    private readonly Dictionary<long, BlockEntry> _writing = [];
    private readonly UseOrder _order = new();
    private readonly HolderBook _holders;
    private readonly string _folder;
    private readonly long _budgetBytes;
    private readonly SpillFiles _spill;
    private readonly BlockThreads _threads;
    private readonly TimeProvider _time;
    private readonly ILogger<BlockStore> _logger;
    private readonly Lock _opening = new();
    private OpenedArena? _arena;
    private long _serial;
    private long _spilledBytes;
    private int _spilledCount;
    private long _pinnedBytes;
    private bool _isDisposed;

    /// <remarks>
    /// <c>folder</c>: The folder of shared memory of this host and cluster; see <see cref="BlockFolder"/>.
    /// <c>spillFolder</c>: The folder of spilled blocks of this host and cluster.
    /// <c>budgetBytes</c>: How many bytes of memory blocks may take.
    /// </remarks>
    public BlockStore(
        string folder,
        string spillFolder,
        long budgetBytes,
        BlockThreads threads,
        TimeProvider time,
        ILogger<BlockStore> logger
    )
    {
        _folder = folder;
        _budgetBytes = budgetBytes;
        _spill = new SpillFiles(spillFolder);
        _threads = threads;
        _time = time;
        _logger = logger;
        _holders = new HolderBook(time);
    }

    /// <summary>The number and the file of the segment in which the blocks are. The first look makes it: blocking, see <see cref="OpenArenaAsync"/>.</summary>
    public (long Number, string Path) Segment => (Arena.Number, Arena.Path);

    /// <summary>How many blocks there are, in memory and on disk.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>What the blocks in memory take of it.</summary>
    public long UsedBytes => IsOpen ? Arena.UsedBytes : 0;

    /// <summary>Whether there is a segment yet: the first use makes it, which is work with files.</summary>
    public bool IsOpen => Volatile.Read(ref _arena) is not null;

    private ArenaSegment Arena
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (Volatile.Read(ref _arena) is { } opened)
            {
                return opened.Segment;
            }

            lock (_opening)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                // Where the folder refuses it is tried anew each time.
                return (_arena ??= OpenArena()).Segment;
            }
        }
    }

    /// <summary>A lease of a block that is in memory; null where it is not.</summary>
    public BlockLease? Find(Guid id)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(id, out var entry) && entry.State == EntryState.InMemory ? Lease(entry) : null;
        }
    }

    /// <summary>A lease of a block, which comes back from disk where it is there.</summary>
    /// <exception cref="BlockLostException">It is not here, or its file is damaged.</exception>
    public async ValueTask<BlockLease> OpenAsync(Guid id, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task restoring;
            lock (_gate)
            {
                if (!_entries.TryGetValue(id, out var entry))
                {
                    throw Lost(id);
                }

                if (entry.State == EntryState.InMemory)
                {
                    return Lease(entry);
                }

                restoring = entry.Restoring ??= Background.Start(() => RestoreAsync(entry));
            }

            await restoring.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Whether the block is here, in memory or on disk.</summary>
    public bool Contains(Guid id)
    {
        lock (_gate)
        {
            return _entries.ContainsKey(id);
        }
    }

    /// <summary>Where the block is, if it is in memory.</summary>
    public (BlockPlace Place, UInt128 Hash, int Rows)? PlaceOf(Guid id)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(id, out var entry) || entry.State != EntryState.InMemory)
            {
                return null;
            }

            _order.Touch(entry);
            return (entry.Place, entry.Hash, entry.Rows);
        }
    }

    /// <summary>The ticket of a block that is here, in memory or on disk; null where it is not.</summary>
    public BlockTicket? TicketOf(Guid id, string key, string silo)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(id, out var entry)
                ? new BlockTicket(
                    key,
                    new BlockRef
                    {
                        Id = id,
                        Home = silo,
                        Rows = entry.Rows,
                        Bytes = entry.Place.Length,
                        Hash = entry.Hash,
                        Place = entry.Place,
                    }
                )
                : null;
        }
    }

    /// <summary>Stores a batch, in place of an earlier one of that id. Blocking: for a compute slot.</summary>
    /// <remarks>
    /// <c>holder</c>: Who holds it; null is this silo, until <see cref="Remove"/>.
    /// </remarks>
    /// <exception cref="BlockSpaceException">There is no room for it.</exception>
    public (BlockPlace Place, UInt128 Hash) Put(Guid id, RecordBatch batch, string? holder = null)
    {
        using var use = Arena.Mapping.Use();
        var (length, pad) = BlockStream.Measure(batch);
        return Fill(id, batch, ReserveHere(id, length, pad, batch.Length), holder);
    }

    /// <summary>Stores a batch; what is to be written is written on a thread that may wait, and none waits for room.</summary>
    /// <exception cref="BlockSpaceException">There is no room for it.</exception>
    public async Task<(BlockPlace Place, UInt128 Hash)> PutAsync(
        Guid id,
        RecordBatch batch,
        string? holder = null,
        CancellationToken cancellationToken = default
    )
    {
        var (length, pad) = (0, 0);
        var done = await _threads.RunAsync($"put of block {id:N}", PutAtOnce, cancellationToken);
        if (done is { } stored)
        {
            return stored;
        }

        using var use = Arena.Mapping.Use();
        var place = await ReserveHereAsync(id, length, pad, batch.Length, isCopy: false, cancellationToken);
        // Not to be cancelled any more: the space is given back by the work itself.
        return await _threads.RunAsync(
            $"put of block {id:N}",
            () => Fill(id, batch, place, holder),
            CancellationToken.None
        );

        (BlockPlace, UInt128)? PutAtOnce()
        {
            using var used = Arena.Mapping.Use();
            (length, pad) = BlockStream.Measure(batch);
            return TryMakeRoom(id, length, pad) is { } room
                ? Fill(id, batch, Adopt(room, id, batch.Length, holder: null, isCopy: false), holder)
                : null;
        }
    }

    private unsafe (BlockPlace Place, UInt128 Hash) Fill(Guid id, RecordBatch batch, BlockPlace place, string? holder)
    {
        try
        {
            BlockStream.Write(batch, Arena.Mapping.Start + place.Content, place.Length);
            var hash = HashOf(place);
            Commit(id, place, hash, holder);
            return (place, hash);
        }
        catch
        {
            Abandon(place);
            throw;
        }
    }

    /// <summary>Frees the block whoever holds it; leases that there are stay valid. False where it was not here.</summary>
    public bool Remove(Guid id)
    {
        lock (_gate)
        {
            if (!_entries.Remove(id, out var entry))
            {
                return false;
            }

            Retire(entry);
            return true;
        }
    }

    /// <summary>Takes the entry out, unless another has taken its place.</summary>
    private void RemoveSame(BlockEntry entry)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(entry.Id, out var known) && known == entry)
            {
                _entries.Remove(entry.Id);
                Retire(entry);
            }
        }
    }

    /// <summary>The writable bytes of reserved space.</summary>
    internal BlockView ViewOf(BlockPlace place) =>
        new(Arena.Mapping, place.Content, place.Length, $"the space of block {place.Generation}");

    /// <summary>Whether the written content has the hash that it must have.</summary>
    internal unsafe UInt128 HashOf(BlockPlace place)
    {
        using var use = Arena.Mapping.Use();
        return XxHash128.HashToUInt128(new ReadOnlySpan<byte>(Arena.Mapping.Start + place.Content, place.Length));
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        _spill.Dispose();
        lock (_opening)
        {
            _arena?.Segment.Dispose();
            _arena?.Party.Dispose();
        }
    }

    /// <summary>Sees to it that there is a segment.</summary>
    public ValueTask OpenArenaAsync() =>
        IsOpen ? default : new ValueTask(_threads.RunAsync("the memory for blocks", () => Arena.Number));

    private OpenedArena OpenArena()
    {
        BlockParty.SweepAll(Path.GetDirectoryName(_spill.Folder)!);
        var party = BlockParty.Enter(_folder);
        try
        {
            return new OpenedArena(party, new ArenaSegment(party, _budgetBytes));
        }
        catch
        {
            party.Dispose();
            throw;
        }
    }

    /// <summary>Under the lock.</summary>
    private BlockLease Lease(BlockEntry entry)
    {
        Pin(entry);
        _order.Touch(entry);
        return BlockLease.Of(Arena.Mapping, entry.Place, entry.Hash, $"block {entry.Id:N}", () => Unpin(entry));
    }

    /// <summary>Under the lock.</summary>
    private void Pin(BlockEntry entry)
    {
        if (entry.Pins++ == 0)
        {
            _pinnedBytes += entry.Place.Span;
        }
    }

    private void Unpin(BlockEntry entry)
    {
        lock (_gate)
        {
            UnpinInside(entry);
        }

        SetChanged();
    }

    private void UnpinInside(BlockEntry entry)
    {
        if (--entry.Pins == 0)
        {
            _pinnedBytes -= entry.Place.Span;
            if (entry.State == EntryState.Gone && !_isDisposed)
            {
                Arena.Free(entry.Place);
            }
        }
    }

    /// <summary>Takes leave of a block that is in no book any more. Under the lock.</summary>
    private void Retire(BlockEntry entry)
    {
        var wasInMemory = entry.State == EntryState.InMemory;
        entry.State = EntryState.Gone;
        _order.Remove(entry);
        if (entry.IsOnDisk)
        {
            _spilledBytes -= wasInMemory ? 0 : entry.Place.Span;
            _spilledCount -= wasInMemory ? 0 : 1;
            DeleteFile(entry);
        }

        if (wasInMemory && entry.Pins == 0)
        {
            Arena.Free(entry.Place);
        }

        SetChanged();
    }

    /// <summary>Whoever frees a block waits for no disk; the file is no other entry's.</summary>
    private void DeleteFile(BlockEntry entry) =>
        _ = _threads.RunAsync(
            $"file of block {entry.Id:N}",
            () =>
            {
                _spill.Delete(entry.Id, entry.Serial);
                return true;
            }
        );

    private static BlockLostException Lost(Guid id) =>
        new($"Block {id:N} is not held here any more: it was freed, or nobody held it.");

    private sealed record OpenedArena(BlockParty Party, ArenaSegment Segment);
}
