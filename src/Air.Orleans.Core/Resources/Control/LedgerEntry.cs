namespace Air.Orleans.Core.Resources.Control;

/// <summary>Where one bundle stands.</summary>
internal sealed record StandingBundle<TSilo>(TSilo Silo, int[] Devices);

/// <summary>One request in the ledger, from the first asking to the release.</summary>
internal sealed class LedgerEntry<TSilo>
    where TSilo : notnull
{
    public LedgerEntry(PlacementRequest request, string holder, Guid stamp, DateTimeOffset since, long number)
    {
        Request = request;
        Holder = holder;
        Stamp = stamp;
        Since = since;
        LastAsked = since;
        Number = number;
        Needs = [.. request.Bundles.Select(static bundle => new BundleNeed(bundle))];
        Standing = new StandingBundle<TSilo>?[Needs.Length];
        Unconfirmed = [];
    }

    public PlacementRequest Request { get; }

    /// <summary>Tells this reservation from another one of the same id, so that a late release ends nothing else.</summary>
    public Guid Stamp { get; }

    public DateTimeOffset Since { get; }

    /// <summary>The order of arrival.</summary>
    public long Number { get; }

    public string Holder { get; set; }

    public DateTimeOffset LastAsked { get; set; }

    public BundleNeed[] Needs { get; }

    public StandingBundle<TSilo>?[] Standing { get; }

    /// <summary>Bundles whose silos have not yet written them down.</summary>
    public HashSet<int> Unconfirmed { get; }

    /// <summary>Whether it was once granted as a whole.</summary>
    public bool Granted { get; set; }

    /// <summary>Whether bundles of it were lost and its holder wants to hear that.</summary>
    public bool Lost { get; set; }

    /// <summary>The number of the last change after its granting that its holder should hear of; 0 for none.</summary>
    public long News { get; set; }

    /// <summary>Whether it stands in the queue.</summary>
    public bool Waits { get; set; }

    /// <summary>A silo has written down the bundle. True where the entry is whole by that.</summary>
    public bool Confirm(int bundle)
    {
        Unconfirmed.Remove(bundle);
        Granted |= IsWhole;
        return IsWhole;
    }

    /// <summary>Whether bundles have no place although nobody has taken them for lost, and nothing is being done about it.</summary>
    public bool IsTorn => !Lost && !Waits && Array.Exists(Standing, static bundle => bundle is null);

    public bool IsWhole => Unconfirmed.Count == 0 && Array.TrueForAll(Standing, static bundle => bundle is not null);
}

/// <summary>Something that a silo is to write down: the bundle of an entry that stands there now, or does not any more.</summary>
internal sealed record LedgerChange<TSilo>(
    TSilo Silo,
    LedgerEntry<TSilo> Entry,
    int Bundle,
    StandingBundle<TSilo>? Stands
)
    where TSilo : notnull;
