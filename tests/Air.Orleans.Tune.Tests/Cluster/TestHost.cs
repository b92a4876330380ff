using System.Net;
using System.Net.Sockets;
using Air.Orleans.Core.Clustering.Membership;
using Air.Orleans.Core.Hosting;
using Air.Orleans.Core.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Serialization;
using Orleans.Storage;

namespace Air.Orleans.Tune.Tests.Cluster;

/// <summary>One silo in this process, with the embedded storage in a folder.</summary>
internal sealed class TestHost : IAirCluster
{
    private readonly IHost _host;
    private bool _isStopped;

    private TestHost(IHost host, TestRuns runs)
    {
        _host = host;
        Runs = runs;
    }

    public TestRuns Runs { get; }

    public IServiceProvider Services => _host.Services;

    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    public static async Task<TestHost> StartAsync(string folder, int cpus = 4)
    {
        var runs = new TestRuns();
        var (siloPort, gatewayPort) = (FreePort(), FreePort());
        var builder = Host.CreateApplicationBuilder(
            new HostApplicationBuilderSettings { DisableDefaults = true, ContentRootPath = folder }
        );
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        builder.UseOrleans(silo =>
        {
            silo.Services.AddSingleton<IMembershipTable>(new MemoryMembershipTable());
            silo.ConfigureEndpoints(IPAddress.Loopback, siloPort, gatewayPort);
            silo.Services.AddSingleton(runs);
            silo.Services.AddKeyedSingleton<IGrainStorage>(
                AirOptions.StorageName,
                (services, _) =>
                    new MortalStorage(
                        new FileGrainStorage(Path.Combine(folder, "storage"), services.GetRequiredService<Serializer>())
                    )
            );
            silo.Services.AddAirCoreToSilo(new AirOptions { Resources = new ResourceSet { Cpu = cpus } });
        });
        var host = builder.Build();
        await host.StartAsync();
        return new TestHost(host, runs);
    }

    /// <summary>Stops without a chance to save anything.</summary>
    public async Task KillAsync()
    {
        _isStopped = true;
        ((MortalStorage)Services.GetRequiredKeyedService<IGrainStorage>(AirOptions.StorageName)).IsDead = true;
        await _host.StopAsync(new CancellationToken(canceled: true));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isStopped)
        {
            await _host.StopAsync();
        }

        if (_host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
