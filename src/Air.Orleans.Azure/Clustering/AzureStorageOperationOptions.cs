using Azure.Data.Tables;

namespace Orleans.Clustering.AzureStorage;

/// <summary>Where a table is.</summary>
public abstract class AzureStorageOperationOptions
{
    /// <summary>The table's name.</summary>
    /// <value>"OrleansSiloInstances".</value>
    public virtual string TableName { get; set; } = AzureStorageClusteringOptions.DEFAULT_TABLE_NAME;

    /// <summary>Speaks to the account that has the table; must be set.</summary>
    public TableServiceClient? TableServiceClient { get; set; }
}
