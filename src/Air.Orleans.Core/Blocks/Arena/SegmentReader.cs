using System.Collections.Concurrent;

namespace Air.Orleans.Core.Blocks.Arena;

/// <summary>
/// The segments of other processes of this host, each mapped once and kept mapped: reads blocks where they lie, and writes those that this process
/// puts. Thread-safe.
/// </summary>
internal sealed class SegmentReader : IDisposable
{
    /// <summary>The variable that says which folder's segments a client takes to be on its own host; any that it finds, where it is not set.</summary>
    public const string FolderVariable = "AIR_BLOCK_FOLDER";

    private readonly ConcurrentDictionary<(string Path, bool IsWritable), SharedMapping> _mappings = new();
    private readonly Dictionary<string, ReaderSlots> _slots = [];
    private readonly Lock _gate = new();
    private readonly string? _folder;
    private bool _isDisposed;

    /// <remarks>
    /// <c>folder</c>: The folder of this process's host; null takes any segment that is found.
    /// </remarks>
    public SegmentReader(string? folder) => _folder = folder is null ? null : Path.GetFullPath(folder);

    /// <summary>Whether the silo's memory can be mapped here.</summary>
    public bool IsNear(BlockHome home) => MappingOf(home, isWritable: false) is not null;

    /// <summary>A lease of a block where it lies; null where it is there no more, or the silo is on another host.</summary>
    public BlockLease? TryRead(BlockHome home, BlockPlace place, UInt128 hash, string name)
    {
        if (place.Segment != home.Segment || MappingOf(home, isWritable: false) is not { } mapping || !mapping.TryUse())
        {
            return null;
        }

        try
        {
            var slots = SlotsOf(home.SegmentPath);
            var slot = slots.Announce(place);
            BlockLease? lease = null;
            try
            {
                if (SegmentHeader.Is(mapping, place, BlockState.Ready))
                {
                    lease = BlockLease.Of(mapping, place, hash, name, () => slots.Clear(slot));
                }

                return lease;
            }
            finally
            {
                if (lease is null)
                {
                    slots.Clear(slot);
                }
            }
        }
        finally
        {
            mapping.Release();
        }
    }

    /// <summary>Writes into reserved space, which stays this process's own until it has written; false where the reservation is gone.</summary>
    /// <remarks>
    /// <c>write</c>: Is given the address of the content.
    /// </remarks>
    public bool TryWrite(BlockHome home, BlockPlace place, Action<nint> write)
    {
        if (MappingOf(home, isWritable: true) is not { } mapping || !mapping.TryUse())
        {
            return false;
        }

        try
        {
            var slots = SlotsOf(home.SegmentPath);
            var slot = slots.Announce(place);
            try
            {
                if (!SegmentHeader.Is(mapping, place, BlockState.Writing))
                {
                    return false;
                }

                unsafe
                {
                    write((nint)(mapping.Start + place.Content));
                }

                return true;
            }
            finally
            {
                slots.Clear(slot);
            }
        }
        finally
        {
            mapping.Release();
        }
    }

    /// <summary>Lets go of the segments of silos that are gone.</summary>
    public void Tidy()
    {
        foreach (var key in _mappings.Keys.Where(static key => !File.Exists(key.Path)))
        {
            if (_mappings.TryRemove(key, out var mapping))
            {
                mapping.Dispose();
            }
        }
    }

    /// <summary>Whether any segment is mapped.</summary>
    public bool IsUsed => !_mappings.IsEmpty;

    /// <summary>Maps nothing new. What leases read stays mapped, and announced, until they end.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (var slots in _slots.Values)
            {
                slots.Dispose();
            }

            _slots.Clear();
        }

        foreach (var mapping in _mappings.Values)
        {
            mapping.Dispose();
        }

        _mappings.Clear();
    }

    /// <summary>The mapping may be let go by <see cref="Tidy"/> at the same time.</summary>
    private static bool IsOf(SharedMapping mapping, long segment)
    {
        if (!mapping.TryUse())
        {
            return false;
        }

        try
        {
            return SegmentHeader.IsOf(mapping, segment);
        }
        finally
        {
            mapping.Release();
        }
    }

    private SharedMapping? MappingOf(BlockHome home, bool isWritable)
    {
        if (_folder is not null && !home.SegmentPath.StartsWith(_folder, StringComparison.Ordinal))
        {
            return null;
        }

        var key = (home.SegmentPath, isWritable);
        if (_mappings.TryGetValue(key, out var known))
        {
            return IsOf(known, home.Segment) ? known : null;
        }

        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        if (SharedMapping.TryOpen(home.SegmentPath, isWritable) is not { } opened)
        {
            return null;
        }

        if (!SegmentHeader.IsOf(opened, home.Segment))
        {
            opened.Dispose();
            return null;
        }

        var kept = _mappings.GetOrAdd(key, opened);
        if (kept != opened)
        {
            opened.Dispose();
        }

        return kept;
    }

    private ReaderSlots SlotsOf(string segmentPath)
    {
        var folder = Path.GetDirectoryName(segmentPath)!;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_slots.TryGetValue(folder, out var slots))
            {
                _slots.Add(folder, slots = new ReaderSlots(BlockParty.Enter(folder)));
            }

            return slots;
        }
    }
}
