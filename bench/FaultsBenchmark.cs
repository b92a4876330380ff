using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Air.Orleans.Cluster.Tests;
using Air.Orleans.Quickstart;
using Air.Orleans.Testing.Servers;

namespace Air.Orleans.Benchmarks;

/// <summary>
/// Quick starts one after the other, and leases taken and freed by another client, while random silos of three are killed, stopped and
/// started again. Every result must be that of an undisturbed run.
/// </summary>
internal static class FaultsBenchmark
{
    private static readonly TimeSpan QuickstartLimit = TimeSpan.FromMinutes(5);

    /// <summary>Ends the process with 1 where a result differed or a call had no answer.</summary>
    public static async Task RunAsync(IReadOnlyList<string> args)
    {
        var minutes = new Option<double>("--minutes") { DefaultValueFactory = static _ => 10 };
        var seed = new Option<int>("--seed") { DefaultValueFactory = static _ => Environment.TickCount & 0xFFFF };
        var cluster = new Option<string>("--cluster") { DefaultValueFactory = static _ => "file" };
        cluster.AcceptOnlyFromAmong("file", "redis");
        var command = new Command("faults") { minutes, seed, cluster };
        command.SetAction(
            async (parsed, _) =>
                await RunAsync(
                    TimeSpan.FromMinutes(parsed.GetValue(minutes)),
                    parsed.GetValue(seed),
                    parsed.GetValue(cluster)!
                )
        );
        Environment.ExitCode = await command.Parse(args).InvokeAsync();
    }

    private static async Task<int> RunAsync(TimeSpan time, int seed, string kind)
    {
        Report.Head(
            string.Create(
                CultureInfo.InvariantCulture,
                $"faults --minutes {time.TotalMinutes} --seed {seed} --cluster {kind}"
            )
        );
        Console.WriteLine($"Seed {seed}. Three silos on {kind}, one away at a time.");
        Console.WriteLine();
        var expected = QuickstartNumbers.Of(await UndisturbedAsync());
        await using var redis = kind == "redis" ? await RedisServer.StartAsync() : null;
        await using var silos = await SiloProcesses.StartAsync(
            redis is null ? $"file:{Report.Folder()}" : $"redis://{redis.ConnectionString}",
            resources: LeaseChurn.Resources
        );
        await using var second = await silos.ConnectAsync();
        var log = new FaultLog();
        var churn = new LeaseChurn(second, log);
        using var ending = new CancellationTokenSource();
        using var faultsEnding = new CancellationTokenSource(time);
        var leasing = churn.RunAsync(ending.Token);
        var faults = new FaultSchedule(silos, seed, log);
        var faulting = faults.RunAsync(faultsEnding.Token);
        var quickstarts = await QuickstartsAsync(silos.Air, expected, log, faulting);
        await faulting;
        await ending.CancelAsync();
        await leasing;
        await churn.CheckAllFreeAsync(silos.Air);

        Console.WriteLine();
        Console.WriteLine("| what | how often |");
        Console.WriteLine("|---|---|");
        Console.WriteLine($"| kill -9 | {faults.Kills} |");
        Console.WriteLine($"| SIGSTOP, then SIGCONT | {faults.Stops}, {faults.Fenced} of them declared dead |");
        Console.WriteLine($"| quick starts | {quickstarts} |");
        Console.WriteLine($"| leases granted | {churn.Granted} |");
        Console.WriteLine($"| leases refused with a reason | {churn.Refused} |");
        Console.WriteLine();
        Console.WriteLine(
            log.Failures == 0
                ? "Every quick start gave the numbers of the undisturbed run, every lease was freed, and nothing was booked twice."
                : $"{log.Failures} failures; see above."
        );
        return log.Failures == 0 ? 0 : 1;
    }

    private static async Task<int> QuickstartsAsync(AirCluster air, string expected, FaultLog log, Task faulting)
    {
        var done = 0;
        while (!faulting.IsCompleted)
        {
            var watch = Stopwatch.StartNew();
            var progress = new StepProgress();
            using var limit = new CancellationTokenSource(QuickstartLimit);
            try
            {
                var report = await new QuickstartProgram(air, new QuickstartOptions(), progress)
                    .RunAsync(limit.Token)
                    .WaitAsync(limit.Token);
                var found = QuickstartNumbers.Of(report);
                if (found == expected)
                {
                    log.Say($"quick start {++done} equal, {watch.Elapsed.TotalSeconds:F1} s");
                }
                else
                {
                    log.Fail($"a quick start differs. Expected:\n{expected}\nFound:\n{found}");
                }
            }
            catch (Exception error)
            {
                log.Fail($"a quick start failed in {progress.Now} after {watch.Elapsed.TotalSeconds:F1} s: {error}");
            }
        }

        return done;
    }

    private static async Task<QuickstartReport> UndisturbedAsync()
    {
        await using var air = await AirCluster.StartLocalAsync(
            new()
            {
                StorageFolder = Report.Folder(),
                Resources = new() { Cpu = 2 },
            }
        );
        return await new QuickstartProgram(air, new QuickstartOptions(), new StepProgress()).RunAsync();
    }

    private sealed class StepProgress : IQuickstartProgress
    {
        private volatile string _step = "";
        private volatile string _detail = "";

        public string Now => $"{_step} ({_detail})";

        public void Begin(string step) => (_step, _detail) = (step, "");

        public void Advance(double fraction, string detail) => _detail = detail;

        public void End(string step, string outcome) { }
    }
}
