using Air.Orleans.Azure.Persistence;
using Air.Orleans.Core.Storage;
using Air.Orleans.Storage;
using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Orleans.Clustering.AzureStorage;
using Orleans.Configuration;

namespace Air.Orleans.Azure;

/// <summary>
/// <c>azure://[account]</c>: membership in the table OrleansSiloInstances and storage in the container grainstate of the account that
/// AZURE_STORAGE_CONNECTION_STRING connects with. Safe to use from any thread.
/// </summary>
public sealed class AzureClusterProvider : IClusterProvider
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public string Scheme => "azure";

    /// <inheritdoc/>
    public void ConfigureSilo(ISiloBuilder silo, ClusterUri uri)
    {
        ArgumentNullException.ThrowIfNull(silo);
        var tables = Tables(uri);
        silo.UseAzureStorageClustering((AzureStorageClusteringOptions options) => options.TableServiceClient = tables);
    }

    /// <inheritdoc/>
    public void ConfigureClient(IClientBuilder client, ClusterUri uri)
    {
        ArgumentNullException.ThrowIfNull(client);
        var tables = Tables(uri);
        client.UseAzureStorageClustering((AzureStorageGatewayOptions options) => options.TableServiceClient = tables);
    }

    /// <inheritdoc/>
    public void ConfigureStorage(IServiceCollection services, ClusterUri uri) =>
        AddStorage(services, AirOptions.StorageName, ConnectionString(uri));

    /// <inheritdoc/>
    public async Task InitializeAsync(ClusterUri uri, CancellationToken cancellationToken) =>
        await AskAsync(
            uri,
            async () =>
            {
                await Tables(uri)
                    .CreateTableIfNotExistsAsync(AzureStorageClusteringOptions.DEFAULT_TABLE_NAME, cancellationToken);
                await Blobs(ConnectionString(uri))
                    .GetBlobContainerClient(AzureBlobStorageOptions.DEFAULT_CONTAINER_NAME)
                    .CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            }
        );

    /// <inheritdoc/>
    public async Task CheckAsync(ClusterUri uri, CancellationToken cancellationToken) =>
        await AskAsync(uri, async () => await Tables(uri).GetPropertiesAsync(cancellationToken));

    /// <summary>Registers the guarded storage <paramref name="name"/>.</summary>
    internal static void AddStorage(
        IServiceCollection services,
        string name,
        string connectionString,
        Func<StorageBorder, StorageBorder>? configure = null
    )
    {
        var blobs = Blobs(connectionString);
        services.AddAzureBlobGrainStorage(
            GuardedStorageServices.Behind(name),
            (AzureBlobStorageOptions options) =>
            {
                options.BlobServiceClient = blobs;
                options.GrainStorageSerializer = new PayloadSerializer();
            }
        );
        var border = new StorageBorder($"azure://{blobs.AccountName}", FaultOf) { KeyOf = BlobKeys.Of };
        services.AddGuardedStorage(name, configure?.Invoke(border) ?? border);
    }

    internal static StorageFault FaultOf(Exception error) =>
        error switch
        {
            RequestFailedException { Status: 401 or 403 } => StorageFault.Refused,
            RequestFailedException { Status: 507 } => StorageFault.Full,
            // 0: nobody answered.
            RequestFailedException { Status: 0 or 408 or 429 or >= 500 } => StorageFault.Unavailable,
            HttpRequestException or IOException or OperationCanceledException => StorageFault.Unavailable,
            AggregateException { InnerException: { } inner } => FaultOf(inner),
            _ => StorageFault.Other,
        };

    private static async Task AskAsync(ClusterUri uri, Func<Task> question)
    {
        try
        {
            await question();
        }
        catch (Exception error) when (error is RequestFailedException or AggregateException)
        {
            var reason = error is RequestFailedException { ErrorCode: { } code }
                ? code
                : error.GetBaseException().Message;
            throw new AirException($"Azure Storage of '{uri}' refused: {reason}. Check {uri.SecretVariable}.");
        }
    }

    private static string ConnectionString(ClusterUri uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        var connection = Environment.GetEnvironmentVariable(uri.SecretVariable!);
        if (string.IsNullOrWhiteSpace(connection))
        {
            throw new AirException(
                $"'{uri}' needs the connection string of a storage account in the environment variable {uri.SecretVariable}, which is not set."
            );
        }

        try
        {
            var account = new BlobServiceClient(connection).AccountName;
            return uri.Host.Length == 0 || uri.Host == account
                ? connection
                : throw new AirException(
                    $"'{uri}' names the account '{uri.Host}', and {uri.SecretVariable} connects with '{account}': make them agree."
                );
        }
        catch (FormatException)
        {
            // Its text may hold a key.
            throw new AirException($"{uri.SecretVariable} is no connection string of a storage account.");
        }
    }

    private static TableServiceClient Tables(ClusterUri uri) =>
        new(
            ConnectionString(uri),
            new TableClientOptions
            {
                Retry =
                {
                    NetworkTimeout = AnswerLimit,
                    Delay = TimeSpan.FromMilliseconds(100),
                    MaxRetries = 3,
                },
            }
        );

    /// <summary>The border makes requests again, and only it knows a write that landed before its answer was lost.</summary>
    private static BlobServiceClient Blobs(string connectionString) =>
        new(
            connectionString,
            new BlobClientOptions { Retry = { MaxRetries = 0, NetworkTimeout = TimeSpan.FromSeconds(30) } }
        );
}
