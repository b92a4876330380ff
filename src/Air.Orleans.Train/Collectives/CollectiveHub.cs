using System.Collections.Concurrent;

namespace Air.Orleans.Train.Collectives;

/// <summary>Where the workers of a silo find the group of their run. Thread-safe.</summary>
internal sealed class CollectiveHub
{
    private readonly ConcurrentDictionary<string, SharedMemoryGroup> _groups = new();

    /// <summary>The worker's place in the group; the first to come makes it.</summary>
    public ICollective Join(string group, int rank, int worldSize) =>
        _groups.GetOrAdd(group, static (_, size) => new SharedMemoryGroup(size), worldSize).Join(rank);

    /// <summary>Wakes the workers of the group with an error.</summary>
    public void Abort(string group, string reason)
    {
        if (_groups.TryGetValue(group, out var found))
        {
            found.Abort(reason);
        }
    }

    /// <summary>Forgets the group; called by the last worker of a run.</summary>
    public void Forget(string group) => _groups.TryRemove(group, out _);
}
