using Air.Orleans.Core.Clustering.Membership;
using Air.Orleans.Core.Resources;
using Air.Orleans.Train.Grains;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Placement;

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

    public SiloAddress Address(int silo) => _silos[silo].Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

    /// <summary>Stops a silo, which may say goodbye, but does not drain.</summary>
    public Task StopAsync(int silo) => _silos[silo].StopAsync();

    /// <summary>Has the grain of a run that is to come stand on this silo.</summary>
    public async Task PlaceRunAsync(string run, int silo)
    {
        var grains = Services.GetRequiredService<IGrainFactory>();
        var grain = grains.GetGrain<ITrainRunGrain>(run);
        RequestContext.Set(IPlacementDirector.PlacementHintKey, Address(silo));
        await grain.CheckAsync();
        RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        Assert.Equal(Address(silo), await grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grain));
    }

    /// <summary>Leaves nothing free on this silo until the end of the group.</summary>
    public Task<PlacementGroup> OccupyAsync(int silo)
    {
        var all = new Bundle
        {
            Resources = new() { Cpu = 2 },
            Silo = Address(silo).ToString(),
        };
        var request = new PlacementRequest { Id = "occupied", Bundles = [all] };
        return Services.GetRequiredService<LeaseKeeper>().AcquireAsync(request, null, CancellationToken.None);
    }

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
