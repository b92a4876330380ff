using System.Diagnostics;
using Air.Orleans.Core.Resilience;
using Orleans.Runtime.Placement;

namespace Air.Orleans.Benchmarks;

/// <summary>
/// Grain calls through our layers (a silo with all of Air.Orleans, each call with the retries that our libraries make theirs with) beside bare Orleans
/// (a silo with nothing else): in one silo, from silo to silo and from a client to a silo; one after another, and many at a time.
/// </summary>
internal static class CallsBenchmark
{
    private const int Rounds = 5;
    private const int Window = 100;
    private static readonly TimeSpan RoundTime = TimeSpan.FromSeconds(1);

    public static async Task RunAsync()
    {
        Report.Head("calls");
        var results = new Dictionary<(string Path, bool Pipelined, bool Ours), List<double>>();
        await using var bare = await CallsCluster.StartAsync(ours: false);
        await using var ours = await CallsCluster.StartAsync(ours: true);
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var cluster in new[] { bare, ours })
            {
                foreach (var (path, call) in Paths(cluster))
                {
                    foreach (var pipelined in new[] { false, true })
                    {
                        var rate = pipelined ? await PipelinedAsync(call) : await SequentialAsync(call);
                        if (round > 0)
                        {
                            var key = (path, pipelined, cluster.IsOurs);
                            (results.TryGetValue(key, out var rates) ? rates : results[key] = []).Add(rate);
                        }
                    }
                }
            }
        }

        Console.WriteLine(
            $"Calls per second of a grain method that gives its number back; medians of {Rounds} rounds of {RoundTime.TotalSeconds} s, in turns. "
                + $"Pipelined: {Window} calls in flight from one caller to one grain."
        );
        Console.WriteLine();
        Console.WriteLine("| path | calls | bare Orleans | Air.Orleans | ratio | Ray's published figure |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var (path, pipelined) in results.Keys.Select(static key => (key.Path, key.Pipelined)).Distinct())
        {
            var peer = Report.Median(results[(path, pipelined, false)]);
            var own = Report.Median(results[(path, pipelined, true)]);
            var ray = pipelined ? "1:1 actor calls async: 5,550-8,664/s" : "1:1 actor calls sync: 1,981-2,012/s";
            Console.WriteLine(
                $"| {path} | {(pipelined ? "pipelined" : "one after another")} | {peer:N0} | {own:N0} | {own / peer:F2} | {ray} |"
            );
        }

        Console.WriteLine();
        Console.WriteLine(
            "Ray's figures are of its own release logs, on a larger machine and with tasks and objects behind them; they give the order of magnitude and no ratio."
        );
    }

    internal static IEnumerable<(string Path, Func<int, Task<int>> Call)> Paths(CallsCluster cluster)
    {
        yield return ("same silo", Calling(cluster, cluster.Near, cluster.NearSilo));
        yield return ("silo to silo", Calling(cluster, cluster.Near, cluster.FarSilo));
        yield return ("client to silo", Calling(cluster, cluster.Client, cluster.FarSilo));
    }

    private static Func<int, Task<int>> Calling(CallsCluster cluster, IGrainFactory grains, SiloAddress silo)
    {
        var grain = grains.GetGrain<IEchoGrain>($"{silo}");
        RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
        var stands = grain.SiloAsync().GetAwaiter().GetResult();
        RequestContext.Clear();
        if (stands != silo.ToString())
        {
            throw new InvalidOperationException($"The grain was to stand on {silo} and stands on {stands}.");
        }

        return cluster.IsOurs
            ? number => GrainCalls.RetryAsync(() => grain.EchoAsync(number)).AsTask()
            : grain.EchoAsync;
    }

    internal static async Task<double> SequentialAsync(Func<int, Task<int>> call)
    {
        var watch = Stopwatch.StartNew();
        var calls = 0;
        while (watch.Elapsed < RoundTime)
        {
            await call(calls++);
        }

        return calls / watch.Elapsed.TotalSeconds;
    }

    internal static async Task<double> PipelinedAsync(Func<int, Task<int>> call)
    {
        var watch = Stopwatch.StartNew();
        var calls = await Task.WhenAll(Enumerable.Range(0, Window).Select(_ => LoopAsync()));
        return calls.Sum() / watch.Elapsed.TotalSeconds;

        async Task<int> LoopAsync()
        {
            var made = 0;
            while (watch.Elapsed < RoundTime)
            {
                await call(made++);
            }

            return made;
        }
    }
}
