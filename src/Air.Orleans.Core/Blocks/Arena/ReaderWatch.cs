namespace Air.Orleans.Core.Blocks.Arena;

/// <summary>How the owner of a segment sees which of its blocks other processes use. Not thread-safe.</summary>
internal sealed class ReaderWatch(BlockParty party, long segment) : IDisposable
{
    private readonly Dictionary<string, SharedMapping> _files = [];

    /// <summary>
    /// The generations of this segment's blocks that a living process uses. A reader whose file is not listed yet looks at the block's header
    /// after this, and so sees what was written there before. Null where a living reader's file cannot be read, so that nobody knows.
    /// </summary>
    public HashSet<long>? Used()
    {
        Interlocked.MemoryBarrier();
        var used = new HashSet<long>();
        var seen = new HashSet<string>();
        foreach (var path in party.Others(ReaderSlots.Ending))
        {
            seen.Add(path);
            if (!_files.TryGetValue(path, out var file))
            {
                if (SharedMapping.TryOpen(path, isWritable: false) is not { } opened)
                {
                    // One that is only being made is empty: its process has announced nothing.
                    if (new FileInfo(path) is { Exists: true, Length: > 0 } && !BlockParty.IsDead(path))
                    {
                        return null;
                    }

                    continue;
                }

                file = opened;
                _files.Add(path, file);
            }

            var mine = new HashSet<long>();
            ReaderSlots.Collect(file, segment, mine);
            if (mine.Count > 0 && !BlockParty.IsDead(path))
            {
                used.UnionWith(mine);
            }
        }

        foreach (var gone in _files.Keys.Where(path => !seen.Contains(path)).ToList())
        {
            _files.Remove(gone, out var file);
            file!.Dispose();
        }

        return used;
    }

    public void Dispose()
    {
        foreach (var file in _files.Values)
        {
            file.Dispose();
        }

        _files.Clear();
    }
}
