using Air.Orleans.Core.Resilience;
using Air.Orleans.Serve.Replicas;

namespace Air.Orleans.Serve.Routing;

/// <summary>A replica as a router sees it: how many of this router's requests it has. Thread-safe.</summary>
internal sealed class ReplicaTarget(string key)
{
    private int _outstanding;

    public string Key => key;

    /// <summary>Open while calls to the replica find no silo, so that requests go to others at once.</summary>
    public Circuit Circuit { get; } = new($"replica {key}");

    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>The replica, where it is in this process.</summary>
    public ReplicaHost? Local { get; set; }

    public void Begin() => Interlocked.Increment(ref _outstanding);

    public void End() => Interlocked.Decrement(ref _outstanding);
}
