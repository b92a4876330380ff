using Azure.Data.Tables;
using Microsoft.Extensions.Options;
using Orleans.Clustering.AzureStorage;
using Orleans.Configuration;
using Orleans.Messaging;

namespace Air.Orleans.Azure.Clustering;

/// <summary>Finds the gateways of a cluster in its membership table. Thread-safe.</summary>
internal sealed class AzureGatewayList(
    IOptions<AzureStorageGatewayOptions> options,
    IOptions<ClusterOptions> cluster,
    IOptions<GatewayOptions> gateways
) : IGatewayListProvider
{
    private readonly TableClient _table = options.Value.TableServiceClient!.GetTableClient(options.Value.TableName);

    public TimeSpan MaxStaleness => gateways.Value.GatewayListRefreshPeriod;

    public bool IsUpdatable => true;

    public async Task InitializeGatewayListProvider() => await _table.CreateIfNotExistsAsync();

    public async Task<IList<Uri>> GetGateways()
    {
        const string NoGateway = "0";
        var found = new List<Uri>();
        var filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {cluster.Value.ClusterId} and Status eq {nameof(SiloStatus.Active)} and ProxyPort ne {NoGateway}"
        );
        await foreach (var row in _table.QueryAsync<TableEntity>(filter))
        {
            if (!SiloRows.IsVersion(row.RowKey))
            {
                found.Add(SiloRows.ToGateway(row));
            }
        }

        return found;
    }
}
