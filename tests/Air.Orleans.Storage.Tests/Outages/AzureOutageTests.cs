using Air.Orleans.Azure;
using Air.Orleans.Core.Storage;
using Air.Orleans.Testing.Storage;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Storage.Tests.Outages;

[Requires(ServerKind.Azurite)]
public sealed class AzureOutageTests : StorageOutageTests<AzuriteServer>
{
    private protected override Task<GrainStorageHost> OpenAsync(
        AzuriteServer server,
        Func<StorageBorder, StorageBorder> configure,
        ILoggerProvider? logs
    ) =>
        GrainStorageHost.StartAsync(services =>
        {
            Log(services, logs);
            AzureClusterProvider.AddStorage(services, AirOptions.StorageName, server.ConnectionString, configure);
        });
}
