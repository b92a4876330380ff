using Azure;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Clustering.AzureStorage;
using Orleans.Configuration;

namespace Air.Orleans.Azure.Clustering;

/// <summary>The membership of a cluster in an Azure table, in the layout of <see cref="SiloRows"/>. Thread-safe.</summary>
internal sealed partial class AzureMembershipTable(
    IOptions<AzureStorageClusteringOptions> options,
    IOptions<ClusterOptions> cluster,
    ILogger<AzureMembershipTable> logger
) : IMembershipTable
{
    private const int LargestTransaction = 100;
    private const int ReadAttempts = 5;

    private readonly string _clusterId = cluster.Value.ClusterId;
    private readonly TableClient _table = options.Value.TableServiceClient!.GetTableClient(options.Value.TableName);

    public async Task InitializeMembershipTable(bool tryInitTableVersion)
    {
        await _table.CreateIfNotExistsAsync();
        if (!tryInitTableVersion)
        {
            return;
        }

        var version = SiloRows.OfVersion(_clusterId, 0);
        await TrySubmitAsync([
            new TableTransactionAction(TableTransactionActionType.Add, version),
            .. SiloRows
                .OfBoundaries(_clusterId, 0)
                .Select(static row => new TableTransactionAction(TableTransactionActionType.Add, row)),
        ]);
    }

    public async Task DeleteMembershipTableEntries(string clusterId) => await DeleteAsync(await QueryAsync(clusterId));

    public async Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) =>
        await DeleteAsync(
            (await QueryAsync(_clusterId)).Where(row =>
                !SiloRows.IsVersion(row.RowKey)
                && row.GetString(SiloRows.StatusColumn) != nameof(SiloStatus.Active)
                && SiloRows.AliveTimeOf(row) < beforeDate.UtcDateTime
            )
        );

    public async Task<MembershipTableData> ReadRow(SiloAddress key)
    {
        var rowKey = SiloRows.KeyOf(key);
        var rows = new List<TableEntity>();
        var filter = TableClient.CreateQueryFilter(
            $"(PartitionKey eq {_clusterId}) and ((RowKey eq {rowKey}) or (RowKey eq {SiloRows.Version}))"
        );
        await foreach (var row in _table.QueryAsync<TableEntity>(filter))
        {
            rows.Add(row);
        }

        return ToData(rows);
    }

    public async Task<MembershipTableData> ReadAll()
    {
        for (var attempt = 1; ; attempt++)
        {
            var rows = await QueryAsync(_clusterId);
            if (IsOneMoment(rows) || attempt == ReadAttempts)
            {
                return ToData(rows);
            }
        }
    }

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) =>
        TrySubmitAsync([
            new TableTransactionAction(TableTransactionActionType.Add, SiloRows.OfSilo(_clusterId, entry)),
            .. OfVersion(tableVersion),
        ]);

    /// <summary>
    /// The version's ETag alone decides: no row changes without it but for signs of life, which conflict with nothing.
    /// </summary>
    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) =>
        TrySubmitAsync([
            new TableTransactionAction(
                TableTransactionActionType.UpdateReplace,
                SiloRows.OfSilo(_clusterId, entry),
                ETag.All
            ),
            .. OfVersion(tableVersion),
        ]);

    public async Task UpdateIAmAlive(MembershipEntry entry) =>
        await _table.UpdateEntityAsync(SiloRows.OfAlive(_clusterId, entry), ETag.All, TableUpdateMode.Merge);

    private IEnumerable<TableTransactionAction> OfVersion(TableVersion version) =>
        SiloRows
            .OfBoundaries(_clusterId, version.Version)
            .Select(static row => new TableTransactionAction(TableTransactionActionType.UpsertReplace, row))
            .Prepend(
                new TableTransactionAction(
                    TableTransactionActionType.UpdateReplace,
                    SiloRows.OfVersion(_clusterId, version.Version),
                    new ETag(version.VersionEtag)
                )
            );

    /// <summary>False where another silo was faster.</summary>
    private async Task<bool> TrySubmitAsync(IEnumerable<TableTransactionAction> actions)
    {
        try
        {
            await _table.SubmitTransactionAsync(actions);
            return true;
        }
        catch (RequestFailedException error) when (error.Status is 404 or 409 or 412)
        {
            LogContention(error.ErrorCode);
            return false;
        }
    }

    private async Task<List<TableEntity>> QueryAsync(string clusterId)
    {
        var rows = new List<TableEntity>();
        await foreach (
            var row in _table.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {clusterId}"))
        )
        {
            rows.Add(row);
        }

        return rows;
    }

    private async Task DeleteAsync(IEnumerable<TableEntity> rows)
    {
        foreach (var part in rows.Chunk(LargestTransaction))
        {
            await _table.SubmitTransactionAsync(
                part.Select(static row => new TableTransactionAction(TableTransactionActionType.Delete, row, row.ETag))
            );
        }
    }

    /// <summary>
    /// Whether nobody changed the table while its pages were read: both ends are of one version, or it is written by silos that leave the
    /// ends alone.
    /// </summary>
    private static bool IsOneMoment(List<TableEntity> rows)
    {
        var first = Find(rows, SiloRows.First);
        var last = Find(rows, SiloRows.Last);
        var version = Find(rows, SiloRows.Version);
        return first == last || (version > first && version > last);
    }

    private static int? Find(List<TableEntity> rows, string rowKey) =>
        rows.Find(row => row.RowKey == rowKey) is { } row ? SiloRows.VersionOf(row) : null;

    private MembershipTableData ToData(List<TableEntity> rows)
    {
        TableVersion? version = null;
        var silos = new List<Tuple<MembershipEntry, string>>();
        foreach (var row in rows)
        {
            if (row.RowKey == SiloRows.Version && SiloRows.VersionOf(row) is { } number)
            {
                version = new TableVersion(number, row.ETag.ToString());
            }
            else if (!SiloRows.IsVersion(row.RowKey))
            {
                Add(row);
            }
        }

        return new MembershipTableData(
            silos,
            version
                ?? throw new AirException(
                    $"The table '{_table.Name}' has no row '{SiloRows.Version}' for the cluster '{_clusterId}': start a silo, which writes it."
                )
        );

        void Add(TableEntity row)
        {
            try
            {
                silos.Add(Tuple.Create(SiloRows.ToSilo(row), row.ETag.ToString()));
            }
            catch (Exception error) when (error is FormatException or ArgumentException or OverflowException)
            {
                LogForeignRow(error, row.RowKey);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Another silo changed the membership first: {Reason}.")]
    private partial void LogContention(string? reason);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The row '{RowKey}' of the membership cannot be read and is left out."
    )]
    private partial void LogForeignRow(Exception error, string rowKey);
}
