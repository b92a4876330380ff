using System.Diagnostics;
using Air.Orleans.Cluster.Tests;
using Air.Orleans.Core;
using Air.Orleans.Testing.Servers;
using Orleans.Runtime.Messaging;

namespace Air.Orleans.Benchmarks;

/// <summary>
/// kill -9 of one of three silo processes, to the next successful call on a grain that stood there; each of the silos in turn, on every kind of
/// membership that is installed.
/// </summary>
internal static class RecoveryBenchmark
{
    private const int Kills = 20;

    /// <summary>Nobody tells a client that its gateway took a request with it: a try is given up after this, and made again.</summary>
    private static readonly TimeSpan Try = TimeSpan.FromMilliseconds(200);

    public static async Task RunAsync()
    {
        Report.Head("recovery");
        Console.WriteLine(
            $"Calls of an external client to a grain of the killed silo; each try is given up after {Try.TotalMilliseconds} ms and made again. Without that, one whose gateway was the killed silo waits for Orleans' response timeout (30 s by default)."
        );
        Console.WriteLine();
        Console.WriteLine($"| membership | kills | median, ms | worst, ms |");
        Console.WriteLine("|---|---|---|---|");
        var folder = Report.Folder();
        await MeasureAsync("file", $"file:{folder}/cluster", null);
        if (ServerPrograms.IsInstalled(ServerKind.Redis))
        {
            await using var redis = await RedisServer.StartAsync();
            await MeasureAsync("redis", $"redis://{redis.ConnectionString}", $"file:{folder}/redis");
        }

        if (ServerPrograms.IsInstalled(ServerKind.PostgreSql))
        {
            await using var postgres = await PostgresServer.StartAsync();
            var uri = ClusterUri.Parse($"postgresql://air@127.0.0.1:{postgres.Ports[0]}/air");
            await ClusterProviders.StorageOf(uri).InitializeAsync(uri, CancellationToken.None);
            await MeasureAsync("postgresql", uri.ToString(), $"file:{folder}/postgresql");
        }
    }

    private static async Task MeasureAsync(string name, string cluster, string? storage)
    {
        await using var silos = await SiloProcesses.StartAsync(cluster, storage: storage);
        var grains = silos.Air.Services.GetRequiredService<IGrainFactory>();
        var times = new List<double>();
        for (var i = 0; i < Kills; i++)
        {
            var victim = silos.All[i % 3];
            var grain = await OnAsync(grains, victim.SiloPort, i);
            var watch = Stopwatch.StartNew();
            victim.Kill();
            await AnswerAsync(grain);
            times.Add(watch.Elapsed.TotalMilliseconds);
            await silos.RestartAsync(victim);
        }

        Console.WriteLine($"| {name} | {Kills} | {Report.Median(times):F0} | {times.Max():F0} |");
    }

    private static async Task<IPlaceGrain> OnAsync(IGrainFactory grains, int siloPort, int round)
    {
        for (var key = 0; ; key++)
        {
            var grain = grains.GetGrain<IPlaceGrain>($"{round}/{key}");
            if (await AnswerAsync(grain) == siloPort)
            {
                return grain;
            }
        }
    }

    private static async Task<int> AnswerAsync(IPlaceGrain grain)
    {
        while (true)
        {
            try
            {
                return await grain.SiloPortAsync().WaitAsync(Try);
            }
            catch (Exception error)
                when (error
                        is SiloUnavailableException
                            or OrleansMessageRejectionException
                            or ConnectionFailedException
                            or TimeoutException
                )
            {
                // The silo is lost; the next call may find the grain elsewhere.
            }
        }
    }
}
