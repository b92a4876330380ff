using Air.Orleans.Core.Security;

namespace Air.Orleans.Benchmarks;

/// <summary>Grain calls with mutual TLS and the cluster's secret beside the same without, from a client to a silo and between silos.</summary>
internal static class TlsBenchmark
{
    private const int Rounds = 5;
    private const string Local = "same silo";

    public static async Task RunAsync()
    {
        Report.Head("tls");
        var certs = Report.Folder();
        SecurityFolder.Create(certs, [], days: 1, force: true, TimeProvider.System);
        var results = new Dictionary<(string Path, bool Pipelined, bool Tls), List<double>>();
        await using var plain = await CallsCluster.StartAsync(ours: true);
        await using var secure = await CallsCluster.StartAsync(ours: true, certs);
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var (cluster, tls) in new[] { (plain, false), (secure, true) })
            {
                foreach (var (path, call) in CallsBenchmark.Paths(cluster).Where(static it => it.Path != Local))
                {
                    foreach (var pipelined in new[] { false, true })
                    {
                        var rate = pipelined
                            ? await CallsBenchmark.PipelinedAsync(call)
                            : await CallsBenchmark.SequentialAsync(call);
                        if (round > 0)
                        {
                            var key = (path, pipelined, tls);
                            (results.TryGetValue(key, out var rates) ? rates : results[key] = []).Add(rate);
                        }
                    }
                }
            }
        }

        Console.WriteLine(
            $"Calls per second, medians of {Rounds} rounds of 1 s, in turns; TLS 1.3, ECDSA P-256, both ends with certificates."
        );
        Console.WriteLine();
        Console.WriteLine("| path | calls | plain | TLS | ratio |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var (path, pipelined) in results.Keys.Select(static key => (key.Path, key.Pipelined)).Distinct())
        {
            var without = Report.Median(results[(path, pipelined, false)]);
            var with = Report.Median(results[(path, pipelined, true)]);
            Console.WriteLine(
                $"| {path} | {(pipelined ? "pipelined" : "one after another")} | {without:N0} | {with:N0} | {with / without:F2} |"
            );
        }
    }
}
