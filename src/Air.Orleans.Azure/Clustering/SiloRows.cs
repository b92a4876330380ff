using System.Globalization;
using System.Net;
using Azure.Data.Tables;

namespace Air.Orleans.Azure.Clustering;

/// <summary>
/// How a membership is written in a table: a row per silo, one of the table's version, and two around all others whose versions show a
/// reader of several pages whether the table changed in between. All columns are text.
/// </summary>
internal static class SiloRows
{
    public const string Version = "VersionRow";
    public const string First = "!Start";
    public const string Last = "~End";
    public const string VersionColumn = "MembershipVersion";
    public const string StatusColumn = "Status";
    public const string PortColumn = "ProxyPort";
    private const string ClusterColumn = "DeploymentId";
    private const string AliveColumn = "IAmAliveTime";
    private const string SuspectorsColumn = "SuspectingSilos";
    private const string SuspicionsColumn = "SuspectingTimes";
    private const char Separator = '|';

    public static bool IsVersion(string rowKey) => rowKey is Version or First or Last;

    public static string KeyOf(SiloAddress silo) =>
        string.Create(CultureInfo.InvariantCulture, $"{silo.Endpoint.Address}-{silo.Endpoint.Port}-{silo.Generation}");

    public static TableEntity OfSilo(string clusterId, MembershipEntry silo)
    {
        var row = OfAlive(clusterId, silo);
        row["Address"] = silo.SiloAddress.Endpoint.Address.ToString();
        row["Port"] = Text(silo.SiloAddress.Endpoint.Port);
        row["Generation"] = Text(silo.SiloAddress.Generation);
        row["HostName"] = silo.HostName;
        row[StatusColumn] = silo.Status.ToString();
        row[PortColumn] = Text(silo.ProxyPort);
        row["RoleName"] = silo.RoleName;
        row["SiloName"] = silo.SiloName;
        row["InstanceName"] = silo.SiloName;
        row["UpdateZone"] = Text(silo.UpdateZone);
        row["FaultZone"] = Text(silo.FaultZone);
        row["StartTime"] = LogFormatter.PrintDate(silo.StartTime);
        var suspects = silo.SuspectTimes ?? [];
        row[SuspectorsColumn] = string.Join(
            Separator,
            suspects.Select(static suspect => suspect.Item1.ToParsableString())
        );
        row[SuspicionsColumn] = string.Join(
            Separator,
            suspects.Select(static suspect => LogFormatter.PrintDate(suspect.Item2))
        );
        return row;
    }

    /// <summary>The part of a silo's row that it renews to show that it lives.</summary>
    public static TableEntity OfAlive(string clusterId, MembershipEntry silo) =>
        new(clusterId, KeyOf(silo.SiloAddress))
        {
            [ClusterColumn] = clusterId,
            [AliveColumn] = LogFormatter.PrintDate(silo.IAmAliveTime),
        };

    public static TableEntity OfVersion(string clusterId, int version) => OfVersion(clusterId, Version, version);

    /// <summary>The rows around all others. They pass for active, so that no cleaner takes them for silos that are gone.</summary>
    public static TableEntity[] OfBoundaries(string clusterId, int version)
    {
        var rows = new[] { OfVersion(clusterId, First, version), OfVersion(clusterId, Last, version) };
        foreach (var row in rows)
        {
            row[StatusColumn] = nameof(SiloStatus.Active);
        }

        return rows;
    }

    public static int? VersionOf(TableEntity row) =>
        int.TryParse(row.GetString(VersionColumn), NumberStyles.Integer, CultureInfo.InvariantCulture, out var version)
            ? version
            : null;

    /// <exception cref="FormatException">The row is no silo's.</exception>
    public static MembershipEntry ToSilo(TableEntity row)
    {
        var silo = new MembershipEntry
        {
            SiloAddress = AddressOf(row, Number(row, "Port")),
            HostName = row.GetString("HostName"),
            Status = Enum.Parse<SiloStatus>(Needed(row, StatusColumn)),
            ProxyPort = Number(row, PortColumn),
            RoleName = row.GetString("RoleName"),
            SiloName = row.GetString("SiloName") ?? row.GetString("InstanceName"),
            UpdateZone = Number(row, "UpdateZone"),
            FaultZone = Number(row, "FaultZone"),
            StartTime = Date(row, "StartTime"),
            IAmAliveTime = Date(row, AliveColumn),
        };
        foreach (var (suspector, time) in Parts(row, SuspectorsColumn).Zip(Parts(row, SuspicionsColumn)))
        {
            silo.AddSuspector(SiloAddress.FromParsableString(suspector), LogFormatter.ParseDate(time));
        }

        return silo;
    }

    /// <summary>When the silo of that row last showed that it lives, in UTC.</summary>
    public static DateTime AliveTimeOf(TableEntity row) => Date(row, AliveColumn);

    /// <summary>Where a client reaches the silo of that row.</summary>
    public static Uri ToGateway(TableEntity row) => AddressOf(row, Number(row, PortColumn)).ToGatewayUri();

    private static TableEntity OfVersion(string clusterId, string rowKey, int version) =>
        new(clusterId, rowKey) { [ClusterColumn] = clusterId, [VersionColumn] = Text(version) };

    private static SiloAddress AddressOf(TableEntity row, int port) =>
        SiloAddress.New(IPAddress.Parse(Needed(row, "Address")), port, Number(row, "Generation"));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Needed(TableEntity row, string column) =>
        row.GetString(column) ?? throw new FormatException($"The row '{row.RowKey}' has no '{column}'.");

    private static int Number(TableEntity row, string column) =>
        row.GetString(column) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 0;

    private static DateTime Date(TableEntity row, string column) =>
        row.GetString(column) is { Length: > 0 } text ? LogFormatter.ParseDate(text) : default;

    private static string[] Parts(TableEntity row, string column) =>
        (row.GetString(column) ?? "").Split(Separator, StringSplitOptions.RemoveEmptyEntries);
}
