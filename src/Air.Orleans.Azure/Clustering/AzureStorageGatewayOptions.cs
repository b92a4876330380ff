namespace Orleans.Clustering.AzureStorage;

/// <summary>Where clients find the gateways: the table of the silos.</summary>
public class AzureStorageGatewayOptions : AzureStorageOperationOptions;
