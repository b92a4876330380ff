using System.Diagnostics;
using Air.Orleans.Core.Checkpoints.Grains;
using Air.Orleans.Core.Compute;

namespace Air.Orleans.Benchmarks;

/// <summary>Grain calls, one after another, to a silo whose slots all spin, and to the same silo idle.</summary>
internal static class SlotsBenchmark
{
    private const int Calls = 5000;
    private const int Rounds = 3;

    public static async Task RunAsync()
    {
        await using var air = await AirCluster.StartLocalAsync(
            new() { StorageFolder = Report.Folder(), HttpPort = null }
        );
        var slots = air.Services.GetRequiredService<ComputeSlots>();
        var grain = air.Services.GetRequiredService<IGrainFactory>().GetGrain<IRunCheckpointsGrain>("slots");
        var (idle, loaded) = (new List<double>(), new List<double>());
        await CallAsync(grain, []);
        for (var round = 0; round < Rounds; round++)
        {
            await CallAsync(grain, idle);
            using var stop = new CancellationTokenSource();
            var spinning = Enumerable
                .Range(0, slots.Count)
                .Select(i => slots.Start($"spin {i}", Spin, stop.Token))
                .ToList();
            await CallAsync(grain, loaded);
            await stop.CancelAsync();
            await Task.WhenAll(spinning.Select(static work => work.Completion));
        }

        Report.Head("slots");
        Console.WriteLine(
            $"{slots.Count} slots, {Calls:N0} calls one after another in each of {Rounds} rounds, in turns."
        );
        Console.WriteLine();
        Console.WriteLine("| slots | p50, ms | p99, ms | max, ms |");
        Console.WriteLine("|---|---|---|---|");
        Print("idle", idle);
        Print("all spin", loaded);
    }

    private static async Task CallAsync(IRunCheckpointsGrain grain, List<double> milliseconds)
    {
        var watch = new Stopwatch();
        for (var i = 0; i < Calls; i++)
        {
            watch.Restart();
            await grain.EpochAsync();
            milliseconds.Add(watch.Elapsed.TotalMilliseconds);
        }
    }

    private static long Spin(ComputeContext context)
    {
        var turns = 0L;
        while (!context.CancellationToken.IsCancellationRequested)
        {
            turns++;
        }

        return turns;
    }

    private static void Print(string what, List<double> milliseconds)
    {
        milliseconds.Sort();
        Console.WriteLine($"| {what} | {At(0.5):F3} | {At(0.99):F3} | {milliseconds[^1]:F3} |");

        double At(double part) => milliseconds[(int)(part * (milliseconds.Count - 1))];
    }
}
