using System.Collections.Immutable;

namespace Air.Orleans.Core.Clustering.Membership;

/// <summary>One silo in a <see cref="MembershipBook"/>: what Orleans wrote, and the number of the change that wrote it.</summary>
internal sealed record MembershipRow
{
    public required string Silo { get; init; }
    public required SiloStatus Status { get; init; }
    public required long ETag { get; init; }
    public int ProxyPort { get; init; }
    public string HostName { get; init; } = "";
    public string SiloName { get; init; } = "";
    public string RoleName { get; init; } = "";
    public int UpdateZone { get; init; }
    public int FaultZone { get; init; }
    public DateTime StartTime { get; init; }
    public DateTime IAmAliveTime { get; init; }
    public ImmutableArray<Suspicion> Suspicions { get; init; } = [];

    public static MembershipRow Of(MembershipEntry entry, long etag) =>
        new()
        {
            Silo = entry.SiloAddress.ToParsableString(),
            Status = entry.Status,
            ETag = etag,
            ProxyPort = entry.ProxyPort,
            HostName = entry.HostName ?? "",
            SiloName = entry.SiloName ?? "",
            RoleName = entry.RoleName ?? "",
            UpdateZone = entry.UpdateZone,
            FaultZone = entry.FaultZone,
            StartTime = entry.StartTime,
            IAmAliveTime = entry.IAmAliveTime,
            Suspicions =
            [
                .. (entry.SuspectTimes ?? []).Select(static vote => new Suspicion(
                    vote.Item1.ToParsableString(),
                    vote.Item2
                )),
            ],
        };

    /// <summary>A new entry each time: Orleans changes what it is given.</summary>
    public MembershipEntry ToEntry() =>
        new()
        {
            SiloAddress = SiloAddress.FromParsableString(Silo),
            Status = Status,
            ProxyPort = ProxyPort,
            HostName = HostName,
            SiloName = SiloName,
            RoleName = RoleName,
            UpdateZone = UpdateZone,
            FaultZone = FaultZone,
            StartTime = StartTime,
            IAmAliveTime = IAmAliveTime,
            SuspectTimes =
            [
                .. Suspicions.Select(static vote => Tuple.Create(SiloAddress.FromParsableString(vote.By), vote.Time)),
            ],
        };

    /// <summary>A vote for a silo's death.</summary>
    internal sealed record Suspicion(string By, DateTime Time);
}
