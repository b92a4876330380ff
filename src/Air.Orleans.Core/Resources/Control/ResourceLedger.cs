namespace Air.Orleans.Core.Resources.Control;

/// <summary>
/// Who has reserved what on which silo: a pure book. All bundles of a request are granted together. Requests stand by priority, then by
/// arrival; waiting raises the priority by one for each <see cref="AgeingStep"/>. A request that waits holds up those behind it only on
/// silos where one of its own bundles could ever stand: it is not starved, and others pass it elsewhere.
/// </summary>
/// <typeparam name="TSilo">How silos are named.</typeparam>
internal sealed class ResourceLedger<TSilo>
    where TSilo : notnull
{
    /// <summary>How long a request waits until it counts one priority higher.</summary>
    public static readonly TimeSpan AgeingStep = TimeSpan.FromSeconds(30);

    private readonly Dictionary<TSilo, SiloBook> _silos = [];
    private readonly Dictionary<SiloBook, TSilo> _names = [];
    private readonly Dictionary<string, LedgerEntry<TSilo>> _entries = new(StringComparer.Ordinal);
    private readonly List<LedgerEntry<TSilo>> _queue = [];
    private List<LedgerChange<TSilo>> _changes = [];
    private long _numbers;

    public IReadOnlyDictionary<TSilo, SiloBook> Silos => _silos;

    public IReadOnlyDictionary<string, LedgerEntry<TSilo>> Entries => _entries;

    /// <summary>The requests that wait, in order.</summary>
    public IReadOnlyList<LedgerEntry<TSilo>> Queue => _queue;

    /// <summary>What the silos are to write down since the last call.</summary>
    public List<LedgerChange<TSilo>> TakeChanges()
    {
        var changes = _changes;
        _changes = [];
        return changes;
    }

    /// <summary>A silo is there, with this offer and nothing known to be taken.</summary>
    public void Adopt(TSilo silo, SiloOffer offer)
    {
        var book = new SiloBook(silo.ToString()!, offer);
        _silos[silo] = book;
        _names[book] = silo;
    }

    /// <summary>A silo has this in its own book. False where the ledger knows otherwise, and the silo is to strike it out.</summary>
    public bool Recover(
        TSilo silo,
        PlacementRequest request,
        string holder,
        Guid stamp,
        DateTimeOffset since,
        int bundle,
        int[] devices,
        DateTimeOffset now
    )
    {
        if (!_entries.TryGetValue(request.Id, out var entry))
        {
            entry = new LedgerEntry<TSilo>(request, holder, stamp, since, _numbers++) { LastAsked = now };
            _entries.Add(request.Id, entry);
        }

        if (entry.Stamp != stamp || entry.Standing[bundle] is not null)
        {
            return false;
        }

        entry.Standing[bundle] = new StandingBundle<TSilo>(silo, devices);
        _silos[silo].Take(entry.Needs[bundle], devices);
        entry.Granted = entry.IsWhole;
        return true;
    }

    /// <summary>A silo offers something else from now on.</summary>
    public void Declare(TSilo silo, SiloOffer offer) => _silos[silo].Declare(offer);

    /// <summary>A silo is lost; what stands on it is void at once. Gives the entries that lost something after they were granted.</summary>
    public List<LedgerEntry<TSilo>> Forget(TSilo silo, DateTimeOffset now)
    {
        var losers = new List<LedgerEntry<TSilo>>();
        if (!_silos.Remove(silo, out var book))
        {
            return losers;
        }

        _names.Remove(book);
        _changes.RemoveAll(change => change.Silo.Equals(silo));
        foreach (var entry in _entries.Values.Where(entry => Loses(entry, silo)).ToList())
        {
            if (entry.Granted)
            {
                losers.Add(entry);
                Lose(entry, now);
            }
            else
            {
                // It was being granted; it begins again as a whole.
                Return(entry);
                Enqueue(entry, now);
            }
        }

        return losers;
    }

    /// <summary>Asks for the request; under the same id it is the same request, and completes what is left of it.</summary>
    public LedgerEntry<TSilo> Ask(PlacementRequest request, string holder, DateTimeOffset now)
    {
        if (!_entries.TryGetValue(request.Id, out var entry))
        {
            entry = new LedgerEntry<TSilo>(request, holder, Guid.NewGuid(), now, _numbers++);
            _entries.Add(request.Id, entry);
        }

        entry.LastAsked = now;
        entry.Holder = entry.Request.HeldBySilo ? entry.Holder : holder;
        if (entry.IsTorn)
        {
            Enqueue(entry, now);
        }

        return entry;
    }

    /// <summary>Gives back what the entry holds, or takes it out of the queue. Another reservation under the id is left alone.</summary>
    public bool Release(string id, Guid? stamp = null)
    {
        if (!_entries.TryGetValue(id, out var entry) || (stamp is { } only && only != entry.Stamp))
        {
            return false;
        }

        Return(entry);
        Dequeue(entry);
        _entries.Remove(id);
        return true;
    }

    /// <summary>A silo has refused the bundle: the request begins again as a whole.</summary>
    public void Refuse(LedgerEntry<TSilo> entry, DateTimeOffset now)
    {
        if (_entries.GetValueOrDefault(entry.Request.Id) == entry)
        {
            Return(entry);
            Enqueue(entry, now);
        }
    }

    /// <summary>A group that its holder says he has, and of which the book has only a part or bundles without place: the rest was lost.</summary>
    public void LoseRest(LedgerEntry<TSilo> entry, DateTimeOffset now)
    {
        if (entry.IsTorn)
        {
            entry.Granted = true;
            Lose(entry, now);
        }
    }

    /// <summary>Puts the queue into order again, as waiting raises priorities.</summary>
    public void Age(DateTimeOffset now)
    {
        var sorted = _queue.OrderByDescending(entry => Rank(entry, now)).ThenBy(static entry => entry.Number).ToList();
        _queue.Clear();
        _queue.AddRange(sorted);
    }

    /// <summary>Grants what can be granted, in order.</summary>
    public void Decide()
    {
        if (_queue.Count == 0)
        {
            return;
        }

        var open = _silos.Values.ToList();
        for (var i = 0; i < _queue.Count && open.Count > 0; i++)
        {
            var entry = _queue[i];
            var missing = Missing(entry);
            var standing = StandingSilos(entry);
            var needs = missing.Select(bundle => entry.Needs[bundle]).ToList();
            // Silos of the group's own other bundles are always open to it.
            var placer = new BundlePlacer(
                entry.Request.Strategy,
                standing.Count == 0 ? open : [.. open.Union(standing)]
            );
            if (placer.Place(needs, standing) is { } places)
            {
                for (var j = 0; j < places.Length; j++)
                {
                    Stand(entry, missing[j], places[j].Silo, places[j].Devices);
                }

                entry.Waits = false;
                _queue.RemoveAt(i--);
            }
            else
            {
                open.RemoveAll(silo => needs.Exists(need => CouldStand(silo, need)));
            }
        }
    }

    /// <summary>Whether the present silos could hold the whole request if they were empty.</summary>
    public bool IsPossible(LedgerEntry<TSilo> entry)
    {
        var placer = new BundlePlacer(entry.Request.Strategy, [.. _silos.Values.Select(static silo => silo.Emptied())]);
        return placer.Place(entry.Needs, []) is not null || placer.GaveUp;
    }

    /// <summary>Why the request waits: what it needs, what there is at most, and who stands before it.</summary>
    public string Explain(LedgerEntry<TSilo> entry)
    {
        var text = LedgerText.Shortage(entry.Request, entry.Needs, _silos.Values);
        var position = _queue.IndexOf(entry);
        if (position <= 0)
        {
            return text;
        }

        var first = _queue[0].Request;
        return $"{text} {position} request(s) stand before it, the first is '{first.Id}'"
            + (first.Purpose.Length == 0 ? "." : $" ({first.Purpose}).");
    }

    /// <summary>The silos that the bundles of an entry stand on.</summary>
    private List<SiloBook> StandingSilos(LedgerEntry<TSilo> entry) =>
        [.. entry.Standing.OfType<StandingBundle<TSilo>>().Select(bundle => _silos[bundle.Silo])];

    private static List<int> Missing(LedgerEntry<TSilo> entry) =>
        [.. Enumerable.Range(0, entry.Needs.Length).Where(bundle => entry.Standing[bundle] is null)];

    private static bool Loses(LedgerEntry<TSilo> entry, TSilo silo)
    {
        var loses = false;
        for (var i = 0; i < entry.Standing.Length; i++)
        {
            if (entry.Standing[i] is { } bundle && bundle.Silo.Equals(silo))
            {
                entry.Standing[i] = null;
                entry.Unconfirmed.Remove(i);
                loses = true;
            }
        }

        return loses;
    }

    private void Lose(LedgerEntry<TSilo> entry, DateTimeOffset now)
    {
        if (entry.Request.HeldBySilo)
        {
            Release(entry.Request.Id);
        }
        else if (entry.Request.OnLoss == PlacementLoss.Replace)
        {
            Enqueue(entry, now);
        }
        else
        {
            entry.Lost = true;
        }
    }

    private static bool CouldStand(SiloBook silo, BundleNeed need) => silo.Emptied().TryTake(need, out _);

    /// <summary>A group that lost bundles stands before all that never had any.</summary>
    private static (bool, long) Rank(LedgerEntry<TSilo> entry, DateTimeOffset now) =>
        (entry.Granted, entry.Request.Priority + ((now - entry.Since).Ticks / AgeingStep.Ticks));

    private void Enqueue(LedgerEntry<TSilo> entry, DateTimeOffset now)
    {
        if (entry.Waits)
        {
            return;
        }

        entry.Waits = true;
        var rank = Rank(entry, now);
        var at = _queue.Count;
        while (at > 0 && IsBefore(entry, rank, _queue[at - 1], now))
        {
            at--;
        }

        _queue.Insert(at, entry);
    }

    private static bool IsBefore(
        LedgerEntry<TSilo> entry,
        (bool, long) rank,
        LedgerEntry<TSilo> other,
        DateTimeOffset now
    )
    {
        var order = rank.CompareTo(Rank(other, now));
        return order > 0 || (order == 0 && entry.Number < other.Number);
    }

    private void Dequeue(LedgerEntry<TSilo> entry)
    {
        if (entry.Waits)
        {
            entry.Waits = false;
            _queue.Remove(entry);
        }
    }

    private void Stand(LedgerEntry<TSilo> entry, int bundle, SiloBook silo, int[] devices)
    {
        var stands = new StandingBundle<TSilo>(_names[silo], devices);
        entry.Standing[bundle] = stands;
        entry.Unconfirmed.Add(bundle);
        _changes.Add(new LedgerChange<TSilo>(stands.Silo, entry, bundle, stands));
    }

    private void Return(LedgerEntry<TSilo> entry)
    {
        for (var i = 0; i < entry.Standing.Length; i++)
        {
            if (entry.Standing[i] is { } bundle)
            {
                _silos[bundle.Silo].Give(entry.Needs[i], bundle.Devices);
                _changes.Add(new LedgerChange<TSilo>(bundle.Silo, entry, i, null));
                entry.Standing[i] = null;
            }
        }

        entry.Unconfirmed.Clear();
    }
}
