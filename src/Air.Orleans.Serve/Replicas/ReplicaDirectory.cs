using System.Collections.Concurrent;

namespace Air.Orleans.Serve.Replicas;

/// <summary>The loaded replicas of this process by key. Thread-safe.</summary>
internal sealed class ReplicaDirectory
{
    private readonly ConcurrentDictionary<string, ReplicaHost> _replicas = new(StringComparer.Ordinal);
    private int _changes;

    /// <summary>Another number after each change, so that what was looked up can be kept until then.</summary>
    public int Changes => Volatile.Read(ref _changes);

    /// <summary>Their keys, in order.</summary>
    public IReadOnlyList<string> Keys => [.. _replicas.Keys.Order(StringComparer.Ordinal)];

    public ReplicaHost? Find(string key) => _replicas.GetValueOrDefault(key);

    public void Add(ReplicaHost replica)
    {
        _replicas[replica.Key] = replica;
        Interlocked.Increment(ref _changes);
    }

    public void Remove(ReplicaHost replica)
    {
        _replicas.TryRemove(KeyValuePair.Create(replica.Key, replica));
        Interlocked.Increment(ref _changes);
    }
}
