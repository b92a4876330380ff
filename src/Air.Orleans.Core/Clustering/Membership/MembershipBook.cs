using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Air.Orleans.Core.Clustering.Membership;

/// <summary>
/// The silos of a cluster at one moment, as Orleans' membership protocol wants them kept: versioned, with an ETag for the table and for
/// each row. Immutable: a change gives a new book, or null where the ETags say that the caller's view is old.
/// </summary>
internal sealed record MembershipBook
{
    public static MembershipBook Empty { get; } = new();

    /// <summary>The version that silos compare; grows by one with each row written.</summary>
    public int Version { get; init; }

    /// <summary>Counts the writes that ETags stand for; never goes back.</summary>
    public long Changes { get; init; }

    /// <summary>By the silo's address and generation.</summary>
    public ImmutableSortedDictionary<string, MembershipRow> Rows { get; init; } =
        ImmutableSortedDictionary.Create<string, MembershipRow>(StringComparer.Ordinal);

    /// <summary>The gateways of active silos.</summary>
    public IEnumerable<Uri> Gateways =>
        Rows
            .Values.Where(static row => row is { Status: SiloStatus.Active, ProxyPort: > 0 })
            .Select(static row =>
            {
                var silo = SiloAddress.FromParsableString(row.Silo);
                return SiloAddress
                    .New(new IPEndPoint(silo.Endpoint.Address, row.ProxyPort), silo.Generation)
                    .ToGatewayUri();
            });

    private TableVersion TableVersion => new(Version, Text(Changes));

    public MembershipTableData ReadAll() => new([.. Rows.Values.Select(Read)], TableVersion);

    public MembershipTableData ReadRow(SiloAddress silo) =>
        Rows.TryGetValue(silo.ToParsableString(), out var row) ? new(Read(row), TableVersion) : new(TableVersion);

    /// <summary>Null where the silo has a row already, or the table has changed since it was read.</summary>
    public MembershipBook? Insert(MembershipEntry entry, TableVersion next) =>
        next.VersionEtag == Text(Changes) && !Rows.ContainsKey(entry.SiloAddress.ToParsableString())
            ? With(entry, next.Version)
            : null;

    /// <summary>Null where there is no such row, or it or the table has changed since it was read.</summary>
    public MembershipBook? Update(MembershipEntry entry, string etag, TableVersion next) =>
        next.VersionEtag == Text(Changes)
        && Rows.TryGetValue(entry.SiloAddress.ToParsableString(), out var row)
        && etag == Text(row.ETag)
            ? With(entry, next.Version)
            : null;

    /// <summary>Changes no version and no ETag, so that it conflicts with nobody's update. The same book where there is no such row.</summary>
    public MembershipBook SetAlive(SiloAddress silo, DateTime time)
    {
        var key = silo.ToParsableString();
        return Rows.TryGetValue(key, out var row) && row.IAmAliveTime != time
            ? this with
            {
                Rows = Rows.SetItem(key, row with { IAmAliveTime = time }),
            }
            : this;
    }

    /// <summary>Without rows of dead silos that began, and were last alive, before <paramref name="before"/>.</summary>
    public MembershipBook WithoutDefunct(DateTimeOffset before)
    {
        var defunct = Rows
            .Values.Where(row =>
                row.Status == SiloStatus.Dead
                && row.IAmAliveTime < before.UtcDateTime
                && row.StartTime < before.UtcDateTime
            )
            .Select(static row => row.Silo)
            .ToList();
        return defunct.Count == 0 ? this : this with { Rows = Rows.RemoveRange(defunct) };
    }

    /// <summary>Without any row; the counters go on, so that an ETag of before fits nothing.</summary>
    public MembershipBook Cleared() => this with { Rows = Rows.Clear(), Changes = Changes + 1 };

    /// <summary>With the silos that <paramref name="isGone"/> names marked dead; the same book where there are none.</summary>
    public MembershipBook Bury(Func<string, bool> isGone)
    {
        var book = this;
        foreach (var row in Rows.Values.Where(row => row.Status != SiloStatus.Dead && isGone(row.Silo)))
        {
            book = book with
            {
                Version = book.Version + 1,
                Changes = book.Changes + 1,
                Rows = book.Rows.SetItem(row.Silo, row with { Status = SiloStatus.Dead, ETag = book.Changes + 1 }),
            };
        }

        return book;
    }

    private MembershipBook With(MembershipEntry entry, int version)
    {
        var row = MembershipRow.Of(entry, Changes + 1);
        return this with { Version = version, Changes = Changes + 1, Rows = Rows.SetItem(row.Silo, row) };
    }

    private static Tuple<MembershipEntry, string> Read(MembershipRow row) =>
        Tuple.Create(row.ToEntry(), Text(row.ETag));

    private static string Text(long etag) => etag.ToString(CultureInfo.InvariantCulture);
}
