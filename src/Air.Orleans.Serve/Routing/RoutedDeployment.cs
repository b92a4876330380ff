using Air.Orleans.Serve.Replicas;

namespace Air.Orleans.Serve.Routing;

/// <summary>One version of a deployment in a router. Thread-safe.</summary>
internal sealed class RoutedDeployment
{
    private readonly ReplicaDirectory _directory;
    private volatile Locals _locals = new(-1, []);

    public RoutedDeployment(RoutingEntry entry, ReplicaDirectory directory)
    {
        Entry = entry;
        _directory = directory;
        Targets = [.. Enumerable.Range(0, entry.Replicas).Select(index => new ReplicaTarget(entry.ReplicaKey(index)))];
    }

    public RoutingEntry Entry { get; }

    public ReplicaTarget[] Targets { get; }

    /// <summary>Those of <see cref="Targets"/> that are in this process.</summary>
    public ReplicaTarget[] LocalTargets()
    {
        var locals = _locals;
        var changes = _directory.Changes;
        if (locals.Changes == changes)
        {
            return locals.Targets;
        }

        foreach (var target in Targets)
        {
            target.Local = _directory.Find(target.Key);
        }

        locals = new Locals(changes, [.. Targets.Where(static target => target.Local is not null)]);
        _locals = locals;
        return locals.Targets;
    }

    private sealed record Locals(int Changes, ReplicaTarget[] Targets);
}
