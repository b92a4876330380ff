using Air.Orleans.Core.Resources.Control;

namespace Air.Orleans.Cluster.Tests.Leases;

/// <summary>Reads the silos' own books, which are the truth about what is booked.</summary>
[Alias("air.tests.ISiloBooksGrain")]
internal interface ISiloBooksGrain : IGrainWithIntegerKey
{
    /// <summary>The book of each silo that is up and answers.</summary>
    [Alias("Read")]
    Task<BookPage[]> ReadAsync();
}

/// <summary>One silo's book at one moment.</summary>
[GenerateSerializer, Immutable, Alias("air.tests.BookPage")]
internal sealed record BookPage([property: Id(0)] SiloAddress Silo, [property: Id(1)] SiloReport Report);
