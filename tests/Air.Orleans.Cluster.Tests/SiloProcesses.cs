using Air.Orleans.Hosting;

namespace Air.Orleans.Cluster.Tests;

/// <summary>
/// A cluster of silo processes. The first carries the membership, offers no CPU to runs, and is not killed: until the membership has a
/// store of its own, the cluster ends with it.
/// </summary>
internal sealed class SiloProcesses : IAsyncDisposable
{
    private readonly List<SiloProcess> _silos = [];

    private SiloProcesses(AirCluster air) => Air = air;

    public AirCluster Air { get; private set; }

    /// <summary>The silos that may be killed.</summary>
    public IReadOnlyList<SiloProcess> Others => _silos[1..];

    public static async Task<SiloProcesses> StartAsync(string storage, int others, double firstCpus = 0)
    {
        var ports = FreePorts.Take(2 * (others + 1));
        var silos = new List<SiloProcess>();
        try
        {
            silos.Add(await SiloProcess.StartAsync(storage, ports[0], ports[1], null, firstCpus));
            var joining = Enumerable
                .Range(1, others)
                .Select(i => SiloProcess.StartAsync(storage, ports[2 * i], ports[(2 * i) + 1], ports[0]));
            silos.AddRange(await Task.WhenAll(joining));
            var air = await AirCluster.ConnectAsync($"localhost:{ports[1]}", timeout: TimeSpan.FromSeconds(30));
            var cluster = new SiloProcesses(air);
            cluster._silos.AddRange(silos);
            return cluster;
        }
        catch
        {
            foreach (var silo in silos)
            {
                await silo.DisposeAsync();
            }

            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Air.DisposeAsync();
        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }
    }
}
