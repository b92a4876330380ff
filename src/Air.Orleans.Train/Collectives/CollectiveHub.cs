using System.Collections.Concurrent;

namespace Air.Orleans.Train.Collectives;

/// <summary>Where the workers of a silo find the group of their run. Thread-safe.</summary>
internal sealed class CollectiveHub
{
    private readonly ConcurrentDictionary<string, Entry> _groups = new();

    /// <summary>How many groups there are.</summary>
    public int Count => _groups.Count;

    /// <summary>The worker's place in the group; the first to come makes it.</summary>
    public ICollective Join(string group, int rank, int worldSize) =>
        _groups.GetOrAdd(group, static (_, size) => new Entry(size), worldSize).Group.Join(rank);

    /// <summary>Wakes the workers of the group with an error.</summary>
    public void Abort(string group, string reason)
    {
        if (_groups.TryGetValue(group, out var found))
        {
            found.Group.Abort(reason);
        }
    }

    /// <summary>
    /// A worker of the group has ended; the last one's end forgets the group. Not before: one who joins late must find that the
    /// others were aborted, not an empty group in which it waits for ever.
    /// </summary>
    public void Leave(string group)
    {
        if (_groups.TryGetValue(group, out var found) && found.CountDown() == 0)
        {
            _groups.TryRemove(group, out _);
        }
    }

    private sealed class Entry(int worldSize)
    {
        private int _remaining = worldSize;

        public SharedMemoryGroup Group { get; } = new(worldSize);

        public int CountDown() => Interlocked.Decrement(ref _remaining);
    }
}
