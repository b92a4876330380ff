using Air.Orleans.Azure;
using Air.Orleans.Core.Storage;
using Air.Orleans.Testing.Storage;

namespace Air.Orleans.Storage.Tests.Outages;

[Requires(ServerKind.Azurite)]
public sealed class AzureOutageTests : StorageOutageTests<AzuriteServer>
{
    private protected override Task<GrainStorageHost> OpenAsync(
        AzuriteServer server,
        Func<StorageBorder, StorageBorder> configure
    ) =>
        GrainStorageHost.StartAsync(services =>
            AzureClusterProvider.AddStorage(services, AirOptions.StorageName, server.ConnectionString, configure)
        );
}
