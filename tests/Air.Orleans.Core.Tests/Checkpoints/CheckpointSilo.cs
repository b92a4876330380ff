using Air.Orleans.Core.Checkpoints;
using Air.Orleans.Core.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Air.Orleans.Core.Tests.Checkpoints;

/// <summary>A silo with a storage of its own over a folder.</summary>
internal sealed class CheckpointSilo : IAirCluster
{
    private readonly IHost _host;

    private CheckpointSilo(IHost host, StateOnlyStorage storage) => (_host, Storage) = (host, storage);

    public StateOnlyStorage Storage { get; }

    public IServiceProvider Services => _host.Services;

    public CheckpointStore Store => Services.GetRequiredService<CheckpointStore>();

    public static async Task<CheckpointSilo> StartAsync(string folder)
    {
        StateOnlyStorage? storage = null;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleans(silo =>
        {
            var ports = FreePort.Take(2);
            silo.UseLocalhostClustering(ports[0], ports[1]);
            silo.Services.AddKeyedSingleton<IGrainStorage>(
                AirOptions.StorageName,
                (services, _) =>
                    storage = new StateOnlyStorage(
                        new FileGrainStorage(folder, services.GetRequiredService<Serializer>())
                    )
            );
            silo.Services.AddSerializer(static serializer => serializer.AddAssembly(typeof(CheckpointSilo).Assembly));
            silo.AddAir(new AirOptions { StorageFolder = folder, HttpPort = null });
        });
        var host = builder.Build();
        await host.StartAsync();
        _ = host.Services.GetRequiredKeyedService<IGrainStorage>(AirOptions.StorageName);
        return new CheckpointSilo(host, storage!);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
