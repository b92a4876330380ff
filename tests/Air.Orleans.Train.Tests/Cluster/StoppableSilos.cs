using Air.Orleans.Core.Clustering.Membership;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Train.Tests.Cluster;

/// <summary>Three silos in this process, each of which can be stopped. Two workers fit on any but the first.</summary>
internal sealed class StoppableSilos : IAirCluster, IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("air-train-");
    private readonly List<IHost> _silos = [];
    private readonly MemoryMembershipTable _table = new();

    public IServiceProvider Services => _silos[0].Services;

    public static async Task<StoppableSilos> StartAsync()
    {
        var silos = new StoppableSilos();
        for (var i = 0; i < 3; i++)
        {
            var host = silos.Build(i);
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

    private IHost Build(int index)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.UseOrleans(silo =>
            silo.UseMemoryCluster(_table, "stoppable")
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
}
