using Air.Orleans.Core.Resources.Control;

namespace Air.Orleans.Core.Resources;

/// <summary>
/// What stands on this silo, for those who work under it: a worker finds its devices here, and its token is cancelled when its bundle is
/// struck out. Thread-safe.
/// </summary>
internal sealed class LeaseBoard(ILocalSiloDetails silo, AirOptions options, TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SiloBookings _bookings = new(silo.SiloAddress.ToString(), options.Offer());
    private readonly Dictionary<(string Id, int Bundle), BoardEntry> _entries = [];

    private volatile bool _isLeaving;
    private volatile bool _isClosing;

    /// <summary>Whether the silo stops: grains need not give back their leases, as the ledger forgets all that stands here.</summary>
    public bool IsClosing => _isClosing;

    /// <summary>The silo drains: whatever ledger asks from now on is told to lease nothing here.</summary>
    public void Leave() => _isLeaving = true;

    /// <summary>The silo stops. Whether anything stands here that the ledger must forget.</summary>
    public bool Close()
    {
        _isLeaving = _isClosing = true;
        lock (_lock)
        {
            return _entries.Count > 0;
        }
    }

    public SiloReport Adopt(Ballot ballot)
    {
        lock (_lock)
        {
            return _bookings.Adopt(ballot) with { IsLeaving = _isLeaving };
        }
    }

    public SiloAnswer Apply(Ballot ballot, long sequence, SiloChange[] changes)
    {
        var ended = new List<BoardEntry>();
        SiloAnswer answer;
        lock (_lock)
        {
            answer = _bookings.Apply(
                ballot,
                sequence,
                changes,
                struck =>
                {
                    if (Find(struck.Request.Id, struck.Bundle) is { } entry && entry.Booking.Stamp == struck.Stamp)
                    {
                        _entries.Remove((struck.Request.Id, struck.Bundle));
                        ended.Add(entry);
                    }
                }
            );
            if (answer.Ballot == ballot)
            {
                Note(changes, answer.Refused);
            }
        }

        foreach (var entry in ended)
        {
            entry.Ended.Cancel();
        }

        return answer;
    }

    /// <summary>What the silo offers now.</summary>
    public SiloOffer Offer
    {
        get
        {
            lock (_lock)
            {
                return _bookings.Offer;
            }
        }
    }

    /// <summary>What of that is free.</summary>
    public ResourceSet Free
    {
        get
        {
            lock (_lock)
            {
                return _bookings.Free;
            }
        }
    }

    /// <summary>Everything that stands here.</summary>
    public (Booking[] Bookings, bool IsWithinOffer) Snapshot()
    {
        lock (_lock)
        {
            return ([.. _bookings.All], _bookings.IsWithinOffer);
        }
    }

    /// <summary>The bundle's entry, from now on used by <paramref name="user"/>; null where it does not stand here.</summary>
    public BoardEntry? Claim(string id, int bundle, object user)
    {
        lock (_lock)
        {
            var entry = Find(id, bundle);
            if (entry is not null)
            {
                entry.User = user;
            }

            return entry;
        }
    }

    /// <summary>Leaves the bundle. True where nobody else uses it, so that it may be given back.</summary>
    public bool Leave(BoardEntry entry, object user)
    {
        lock (_lock)
        {
            if (entry.User != user)
            {
                return false;
            }

            entry.User = null;
            entry.UnusedSince = time.GetUtcNow();
            return true;
        }
    }

    /// <summary>Leases of grains on this silo that no activation has used for so long: they were placed and never came, or did not give back.</summary>
    public Booking[] Abandoned(TimeSpan age)
    {
        var before = time.GetUtcNow() - age;
        lock (_lock)
        {
            return
            [
                .. _entries
                    .Values.Where(entry =>
                        entry.Booking.Request.HeldBySilo && entry.User is null && entry.UnusedSince < before
                    )
                    .Select(static entry => entry.Booking),
            ];
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var entry in _entries.Values)
            {
                entry.Ended.Dispose();
            }
        }
    }

    private BoardEntry? Find(string id, int bundle) => _entries.GetValueOrDefault((id, bundle));

    private void Note(SiloChange[] changes, int[] refused)
    {
        for (var i = 0; i < changes.Length; i++)
        {
            if (changes[i] is BookChange { Booking: var booking } && !refused.Contains(i))
            {
                var key = (booking.Request.Id, booking.Bundle);
                if (_entries.TryGetValue(key, out var entry) && entry.Booking.Stamp == booking.Stamp)
                {
                    entry.Booking = booking;
                }
                else if (_bookings.Has(booking))
                {
                    _entries[key] = new BoardEntry(booking) { UnusedSince = time.GetUtcNow() };
                }
            }
        }
    }
}

/// <summary>A bundle on this silo, and who works under it.</summary>
internal sealed class BoardEntry(Booking booking)
{
    public Booking Booking { get; set; } = booking;

    /// <summary>Is cancelled when the bundle stands here no more.</summary>
    public CancellationTokenSource Ended { get; } = new();

    public object? User { get; set; }

    public DateTimeOffset UnusedSince { get; set; }
}
