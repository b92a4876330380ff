namespace Air.Orleans.Core.Resources.Control;

/// <summary>
/// Who has reserved what: a pure book. All bundles of a request are granted together on one silo, first come first served;
/// a request that does not fit yet holds up those behind it, so that a large one is not starved by small ones.
/// </summary>
/// <typeparam name="TSilo">How silos are named.</typeparam>
internal sealed class ResourceLedger<TSilo>
    where TSilo : notnull
{
    private readonly Dictionary<TSilo, ResourceSet> _declared = [];
    private readonly Dictionary<string, (TSilo Silo, ResourceSet Amount)> _leases = [];
    private readonly List<(string Id, ResourceSet Amount)> _queue = [];
    private readonly HashSet<string> _toldBySilos = [];

    /// <summary>What each silo has declared.</summary>
    public IReadOnlyDictionary<TSilo, ResourceSet> Declared => _declared;

    /// <summary>The requests that wait, in order.</summary>
    public IEnumerable<string> Waiting => _queue.Select(static request => request.Id);

    /// <summary>A silo is there with these resources, and these leases are known to be held on it.</summary>
    public void Declare(TSilo silo, ResourceSet resources, IReadOnlyDictionary<string, ResourceSet> held)
    {
        _declared[silo] = resources;
        foreach (var id in _toldBySilos.Where(id => _leases[id].Silo.Equals(silo) && !held.ContainsKey(id)).ToList())
        {
            Release(id);
        }

        foreach (var (id, amount) in held)
        {
            if (_leases.TryAdd(id, (silo, amount)))
            {
                _toldBySilos.Add(id);
                _queue.RemoveAll(request => request.Id == id);
            }
        }
    }

    /// <summary>A silo is lost; its leases are void.</summary>
    public void Forget(TSilo silo)
    {
        _declared.Remove(silo);
        foreach (
            var id in _leases.Where(lease => lease.Value.Silo.Equals(silo)).Select(static lease => lease.Key).ToList()
        )
        {
            _leases.Remove(id);
            _toldBySilos.Remove(id);
        }
    }

    /// <summary>Puts the request into the queue; the same id asked for again is the same request.</summary>
    public void Ask(string id, ResourceSet amount)
    {
        if (!_leases.ContainsKey(id) && _queue.All(request => request.Id != id))
        {
            _queue.Add((id, amount));
        }
    }

    /// <summary>Gives back what the lease holds, or takes the request out of the queue.</summary>
    public void Release(string id)
    {
        _leases.Remove(id);
        _toldBySilos.Remove(id);
        _queue.RemoveAll(request => request.Id == id);
    }

    /// <summary>Grants what can be granted, in order. What no present silo could ever serve holds up nobody.</summary>
    public void Grant()
    {
        var next = 0;
        while (next < _queue.Count)
        {
            var (id, amount) = _queue[next];
            if (!IsPossible(amount))
            {
                next++;
                continue;
            }

            var fitting = _declared.Keys.Where(silo => Free(silo).Covers(amount)).ToList();
            if (fitting.Count == 0)
            {
                return;
            }

            _leases[id] = (fitting.MaxBy(silo => Free(silo).Cpu)!, amount);
            _queue.RemoveAt(next);
        }
    }

    /// <summary>The silo of a granted lease.</summary>
    public bool IsGranted(string id, out TSilo? silo)
    {
        var granted = _leases.TryGetValue(id, out var lease);
        silo = granted ? lease.Silo : default;
        return granted;
    }

    /// <summary>Whether some silo is large enough when it is empty.</summary>
    public bool IsPossible(ResourceSet amount) => _declared.Values.Any(declared => declared.Covers(amount));

    /// <summary>What no lease holds of a silo.</summary>
    public ResourceSet Free(TSilo silo) =>
        _leases
            .Values.Where(lease => lease.Silo.Equals(silo))
            .Aggregate(_declared[silo], static (free, lease) => free - lease.Amount);

    /// <summary>Why the request waits, or why it can never be served.</summary>
    public string Explain(string id, ResourceSet amount)
    {
        var silos = string.Join(
            "; ",
            _declared.Keys.Select(silo => $"silo {silo}: {_declared[silo]}, free {Free(silo)}")
        );
        var ahead = _queue.FindIndex(request => request.Id == id);
        var queue = ahead > 0 ? $" {ahead} request(s) stand before it." : "";
        return $"needs {amount} on one silo; the cluster has {(silos.Length == 0 ? "no silo yet" : silos)}.{queue}";
    }
}
