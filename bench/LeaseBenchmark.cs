using System.Diagnostics;
using Air.Orleans.Core;

namespace Air.Orleans.Benchmarks;

/// <summary>
/// Placement groups of one bundle made and removed, 100 at a time, and worker grains placed by lease; in one process, or against silos at a
/// gateway. Ray publishes 765 to 1,003 groups in a second.
/// </summary>
internal static class LeaseBenchmark
{
    private const int Groups = 10_000;
    private const int AtATime = 100;
    private const int Workers = 10_000;
    private const int Rounds = 5;

    public static async Task RunAsync(string? gateway)
    {
        Report.Head("leases");
        await using var air = gateway is null
            ? await AirCluster.StartLocalAsync(new() { StorageFolder = Report.Folder(), HttpPort = null })
            : await AirCluster.ConnectAsync(gateway);
        Console.WriteLine($"Cluster: {gateway ?? "in this process"}. Ray's figure: 765 to 1,003 groups in a second.");
        Console.WriteLine();
        Console.WriteLine("| what | in a second, median of 5 |");
        Console.WriteLine("|---|---|");
        await GroupsAsync(air, Groups / 10);
        var rates = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            rates.Add(await GroupsAsync(air, Groups));
        }

        Console.WriteLine($"| groups of 1 bundle made and removed, {AtATime} at a time | {Report.Median(rates):N0} |");
        if (gateway is null)
        {
            Console.WriteLine($"| {Workers:N0} worker grains placed by lease (once) | {await WorkersAsync(air):N0} |");
        }
    }

    private static async Task<double> GroupsAsync(AirCluster air, int count)
    {
        var request = new PlacementRequest { Bundles = [new Bundle { Resources = new ResourceSet { Cpu = 0.001 } }] };
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(
            Enumerable
                .Range(0, AtATime)
                .Select(async _ =>
                {
                    for (var i = 0; i < count / AtATime; i++)
                    {
                        var group = await air.Resources.ReserveAsync(
                            request with
                            {
                                Id = Guid.NewGuid().ToString("N"),
                            }
                        );
                        await group.DisposeAsync();
                    }
                })
        );
        return count / watch.Elapsed.TotalSeconds;
    }

    private static async Task<double> WorkersAsync(AirCluster air)
    {
        var grains = air.Services.GetRequiredService<IGrainFactory>();
        var watch = Stopwatch.StartNew();
        await Parallel.ForAsync(
            0,
            Workers,
            new ParallelOptions { MaxDegreeOfParallelism = AtATime },
            async (i, _) => await grains.GetGrain<ILeasedGrain>(i).PingAsync()
        );
        return Workers / watch.Elapsed.TotalSeconds;
    }
}
