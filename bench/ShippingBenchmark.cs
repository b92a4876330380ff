using System.Diagnostics;
using Air.Orleans.Cluster.Tests;
using Air.Orleans.Core;
using Air.Orleans.Core.Shipping;
using Air.Orleans.Data;

namespace Air.Orleans.Benchmarks;

/// <summary>
/// What shipping costs: the call of a lambda that was packed and unpacked beside that of the same lambda, and the first and later uses of code
/// that silos in a process of their own have never seen.
/// </summary>
internal static class ShippingBenchmark
{
    private const int Calls = 50_000_000;
    private const int Rounds = 5;
    private const int Submissions = 5;

    public static async Task RunAsync()
    {
        Report.Head("shipping");
        var folder = Report.Folder();
        Console.WriteLine("| what | median of 5 |");
        Console.WriteLine("|---|---|");
        await CallsAsync(folder);
        await ShippedAsync(folder);
    }

    private static async Task CallsAsync(string folder)
    {
        await using var air = await AirCluster.StartLocalAsync(new() { StorageFolder = folder, HttpPort = null });
        var shipper = air.Services.GetRequiredService<ObjectShipper>();
        var step = 3;
        Func<int, int> local = x => x + step;
        using var shipped = shipper.Open<Func<int, int>>(shipper.Pack(local, "The lambda"));
        var locals = new List<double>();
        var remotes = new List<double>();
        for (var round = 0; round <= Rounds; round++)
        {
            var (here, there) = (Time(local), Time(shipped.Value));
            // The first warms up.
            if (round > 0)
            {
                locals.Add(here);
                remotes.Add(there);
            }
        }

        Console.WriteLine($"| a lambda's call, local | {Report.Median(locals):0.00} ns |");
        Console.WriteLine(
            $"| the same lambda's call, shipped | {Report.Median(remotes):0.00} ns, {Report.Median(remotes) / Report.Median(locals):0.00}× |"
        );
    }

    /// <summary>A silo in a process of its own, without this program's code.</summary>
    private static async Task ShippedAsync(string folder)
    {
        await using var silos = await SiloProcesses.StartInFolderAsync(folder, count: 1, load: false);
        await CountAsync(silos.Air, 1, isOfLibrary: true);
        var first = await CountAsync(silos.Air, 2, isOfLibrary: false);
        var later = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            later.Add(await CountAsync(silos.Air, 3 + round, isOfLibrary: false));
        }

        var code = (await silos.Air.Code.ListAsync())[0];
        Console.WriteLine(
            $"| first use of code that the silo lacks: collect, hash, send {code.Bytes / 1e6:0.0} MB, load, call (once) | {first:0} ms |"
        );
        Console.WriteLine($"| the same again | {Report.Median(later):0} ms |");

        var program = typeof(ShippingBenchmark).Assembly.Location;
        var starts = new List<double>();
        for (var round = 0; round < Submissions; round++)
        {
            var watch = Stopwatch.StartNew();
            var job = await silos.Air.Jobs.SubmitAsync(program, new JobOptions { Arguments = ["nothing"] });
            var submitted = watch.Elapsed.TotalMilliseconds;
            await silos.Air.Jobs.WaitAsync(job.Name);
            if (round == 0)
            {
                var bytes = (await silos.Air.Code.ListAsync()).Max(static bundle => bundle.Bytes);
                Console.WriteLine(
                    $"| first submission of a program: hash and send {bytes / 1e6:0} MB (once) | {submitted:0} ms, ended after {watch.Elapsed.TotalMilliseconds:0} ms |"
                );
            }
            else
            {
                starts.Add(submitted);
            }
        }

        Console.WriteLine($"| the same again: hash, nothing to send | {Report.Median(starts):0} ms |");
    }

    private static async Task<double> CountAsync(IAirCluster air, int limit, bool isOfLibrary)
    {
        var rows = air.Data.Range(1_000);
        var watch = Stopwatch.StartNew();
        await (isOfLibrary ? rows : rows.Filter(row => row.Get<long>("id") > limit)).CountAsync();
        return watch.Elapsed.TotalMilliseconds;
    }

    private static double Time(Func<int, int> function)
    {
        var sum = 0;
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < Calls; i++)
        {
            sum = function(sum);
        }

        watch.Stop();
        GC.KeepAlive(sum);
        return watch.Elapsed.TotalNanoseconds / Calls;
    }
}
