using Air.Orleans.Core.Storage;
using Air.Orleans.Testing.Storage;
using Air.Orleans.Tests;
using Orleans.Serialization;
using Orleans.Storage;

namespace Air.Orleans.Storage.Tests.Conformance;

public sealed class FileConformance : GrainStorageConformance, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override Task<GrainStorageHost> OpenAsync() =>
        GrainStorageHost.StartAsync(services =>
            services.AddKeyedSingleton<IGrainStorage>(
                AirOptions.StorageName,
                (provider, _) => new FileGrainStorage(_folder.Path, provider.GetRequiredService<Serializer>())
            )
        );
}
