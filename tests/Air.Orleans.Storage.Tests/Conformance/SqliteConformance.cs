using Air.Orleans.Testing.Storage;
using Air.Orleans.Tests;

namespace Air.Orleans.Storage.Tests.Conformance;

public sealed class SqliteConformance : GrainStorageConformance, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override Task<GrainStorageHost> OpenAsync() =>
        GrainStorageHost.StartAsync(services =>
            new SqliteStorageProvider().ConfigureStorage(
                services,
                ClusterUri.Parse($"sqlite://{_folder.Path}/sub/air.db")
            )
        );
}
