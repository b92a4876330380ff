namespace Air.Orleans.Core.Resources.Control;

/// <summary>A bundle in a silo's own book, with all that a new ledger must know of the group.</summary>
[GenerateSerializer, Immutable, Alias("air.core.Booking")]
internal sealed record Booking(
    [property: Id(0)] PlacementRequest Request,
    [property: Id(1)] Guid Stamp,
    [property: Id(2)] string Holder,
    [property: Id(3)] DateTimeOffset Since,
    [property: Id(4)] int Bundle,
    [property: Id(5)] int[] Devices
);

/// <summary>Something that the ledger has a silo write down.</summary>
[GenerateSerializer, Immutable, Alias("air.core.SiloChange")]
internal abstract record SiloChange;

/// <summary>The bundle stands here from now on; a bundle that does already only changes its holder.</summary>
[GenerateSerializer, Immutable, Alias("air.core.SiloChange.Book")]
internal sealed record BookChange([property: Id(0)] Booking Booking) : SiloChange;

/// <summary>The bundle stands here no more.</summary>
[GenerateSerializer, Immutable, Alias("air.core.SiloChange.Strike")]
internal sealed record StrikeChange([property: Id(0)] Guid Stamp, [property: Id(1)] int Bundle) : SiloChange;

/// <summary>The silo offers something else from now on.</summary>
[GenerateSerializer, Immutable, Alias("air.core.SiloChange.Declare")]
internal sealed record DeclareChange([property: Id(0)] SiloOffer Offer) : SiloChange;

/// <summary>
/// Tells one ledger from another: whoever has the greater ballot is the newer one. Silos take orders only from the newest that they know.
/// </summary>
[GenerateSerializer, Immutable, Alias("air.core.Ballot")]
internal readonly record struct Ballot([property: Id(0)] long Number, [property: Id(1)] Guid Id) : IComparable<Ballot>
{
    public int CompareTo(Ballot other) => (Number, Id).CompareTo((other.Number, other.Id));
}

/// <summary>What a silo answers to changes: the ballot it obeys, and which of the changes it refused.</summary>
[GenerateSerializer, Immutable, Alias("air.core.SiloAnswer")]
internal sealed record SiloAnswer([property: Id(0)] Ballot Ballot, [property: Id(1)] int[] Refused);

/// <summary>What a silo has and what stands on it; told to a new ledger.</summary>
[GenerateSerializer, Immutable, Alias("air.core.SiloReport")]
internal sealed record SiloReport(
    [property: Id(0)] Ballot Ballot,
    [property: Id(1)] SiloOffer Offer,
    [property: Id(2)] Booking[] Bookings
)
{
    /// <summary>Whether it gives nothing more, as it drains or stops: an older ledger has been told, a newer one hears it so.</summary>
    [Id(3)]
    public bool IsLeaving { get; init; }
}
