using Air.Orleans.Azure;
using Air.Orleans.Testing.Storage;

namespace Air.Orleans.Storage.Tests.Conformance;

[Requires(ServerKind.Azurite)]
public sealed class AzureBlobConformance(SharedServer<AzuriteServer> shared)
    : GrainStorageConformance,
        IClassFixture<SharedServer<AzuriteServer>>
{
    protected override Task<GrainStorageHost> OpenAsync() =>
        GrainStorageHost.StartAsync(services =>
            AzureClusterProvider.AddStorage(services, AirOptions.StorageName, shared.Server.ConnectionString)
        );
}
