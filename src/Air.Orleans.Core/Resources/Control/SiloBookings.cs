namespace Air.Orleans.Core.Resources.Control;

/// <summary>
/// A silo's own book, which is the truth: it takes orders of the newest ledger only, each once, and refuses what would exceed what it
/// offers, whatever the ledger thinks.
/// </summary>
internal sealed class SiloBookings(string name, SiloOffer offer)
{
    private readonly SiloBook _book = new(name, offer);
    private readonly Dictionary<(Guid Stamp, int Bundle), (Booking Booking, BundleNeed Need)> _bookings = [];
    private Ballot _ballot;
    private long _sequence;
    private SiloAnswer? _lastAnswer;

    public IEnumerable<Booking> All => _bookings.Values.Select(static it => it.Booking);

    /// <summary>Whether this bundle stands here now.</summary>
    public bool Has(Booking booking) => _bookings.ContainsKey((booking.Stamp, booking.Bundle));

    public SiloOffer Offer => _book.Offer;

    public ResourceSet Free => _book.Free;

    public bool IsWithinOffer => _book.IsWithinOffer;

    public Ballot Ballot => _ballot;

    /// <summary>A new ledger asks to be obeyed; it is where its ballot is the greatest yet.</summary>
    public SiloReport Adopt(Ballot ballot)
    {
        if (ballot.CompareTo(_ballot) > 0)
        {
            _ballot = ballot;
            _sequence = 0;
            _lastAnswer = null;
        }

        return new SiloReport(_ballot, _book.Offer, [.. All]);
    }

    /// <summary>Writes down the changes of a ledger's message; one that came already is answered as it was, one that comes late not at all.</summary>
    public SiloAnswer Apply(Ballot ballot, long sequence, IReadOnlyList<SiloChange> changes, Action<Booking> struck)
    {
        if (ballot != _ballot || sequence < _sequence)
        {
            return new SiloAnswer(_ballot, [.. Enumerable.Range(0, changes.Count)]);
        }

        if (sequence == _sequence && _lastAnswer is { } known)
        {
            return known;
        }

        var refused = new List<int>();
        for (var i = 0; i < changes.Count; i++)
        {
            switch (changes[i])
            {
                case BookChange book when !Book(book.Booking):
                    refused.Add(i);
                    break;
                case StrikeChange strike when _bookings.Remove((strike.Stamp, strike.Bundle), out var gone):
                    _book.Give(gone.Need, gone.Booking.Devices);
                    struck(gone.Booking);
                    break;
                case DeclareChange declare:
                    _book.Declare(declare.Offer);
                    break;
            }
        }

        _sequence = sequence;
        _lastAnswer = new SiloAnswer(_ballot, [.. refused]);
        return _lastAnswer;
    }

    private bool Book(Booking booking)
    {
        var key = (booking.Stamp, booking.Bundle);
        if (_bookings.TryGetValue(key, out var known))
        {
            _bookings[key] = (booking, known.Need);
            return true;
        }

        var need = new BundleNeed(booking.Request.Bundles[booking.Bundle]);
        if (!_book.Covers(need, booking.Devices))
        {
            return false;
        }

        _book.Take(need, booking.Devices);
        _bookings.Add(key, (booking, need));
        return true;
    }
}
