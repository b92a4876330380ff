using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Train.Tests.Cluster;

/// <summary>Three silos in this process, each of which can be stopped. Two workers fit on any but the first.</summary>
internal sealed class StoppableSilos : IAirCluster, IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("air-train-");
    private readonly List<IHost> _silos = [];

    public IServiceProvider Services => _silos[0].Services;

    public static async Task<StoppableSilos> StartAsync()
    {
        var silos = new StoppableSilos();
        var ports = FreePorts(6);
        for (var i = 0; i < 3; i++)
        {
            var host = silos.Build(ports, i);
            silos._silos.Add(host);
            await host.StartAsync();
        }

        return silos;
    }

    /// <summary>Stops a silo, which may say goodbye.</summary>
    public Task StopAsync(string address) =>
        _silos
            .Skip(1)
            .Single(silo => silo.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToString() == address)
            .StopAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in Enumerable.Reverse(_silos))
        {
            await silo.StopAsync();
            silo.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private IHost Build(int[] ports, int index)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.UseOrleans(silo =>
            silo.UseLocalhostClustering(
                    ports[2 * index],
                    ports[(2 * index) + 1],
                    new IPEndPoint(IPAddress.Loopback, ports[0])
                )
                .AddAir(
                    new()
                    {
                        StorageFolder = _folder.FullName,
                        Resources = new() { Cpu = index == 0 ? 1 : 2 },
                        HttpPort = null,
                    }
                )
        );
        return builder.Build();
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(static _ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        Array.ForEach(listeners, static listener => listener.Start());
        int[] ports = [.. listeners.Select(static listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        Array.ForEach(listeners, static listener => listener.Dispose());
        return ports;
    }
}
