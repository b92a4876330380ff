using System.Diagnostics;

namespace Air.Orleans.Benchmarks;

/// <summary>An embedded cluster: to ready, and to its end. The first start of a process is the one that counts.</summary>
internal static class StartBenchmark
{
    public static async Task RunAsync()
    {
        Report.Head("start");
        Console.WriteLine("| start in this process | ready, ms | disposed, ms |");
        Console.WriteLine("|---|---|---|");
        for (var i = 1; i <= 5; i++)
        {
            var watch = Stopwatch.StartNew();
            var air = await AirCluster.StartLocalAsync(new() { StorageFolder = Report.Folder() });
            var ready = watch.ElapsedMilliseconds;
            watch.Restart();
            await air.DisposeAsync();
            Console.WriteLine($"| {i} | {ready} | {watch.ElapsedMilliseconds} |");
        }
    }
}
