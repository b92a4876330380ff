using System.Net;
using Air.Orleans.Core;
using Air.Orleans.Tests;
using Air.Orleans.Train;

namespace Air.Orleans.Cluster.Tests.Draining;

/// <summary>What a silo that is told to stop does with what it has.</summary>
public sealed class DrainTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Sigterm_UnderTraining_WritesACheckpointAndTheRunGoesOnFromItElsewhere()
    {
        using var folder = new TemporaryFolder();
        var log = Path.Combine(folder.Path, "reports.txt");
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path, count: 2);
        var watch = new AttemptWatch(5);
        var fitting = silos.Air.FitAsync(DrainedLoop.Trainer(silos.Air, "drained", log), watch);
        var first = await Task.WhenAny(watch.PortOfWorkers, fitting).WaitAsync(Limit);
        var drained = silos.At(await watch.PortOfWorkers.WaitAsync(Limit));
        Assert.NotSame(fitting, first);

        await drained.TerminateAsync();
        await drained.WaitForExitAsync(Limit);
        var result = await fitting.WaitAsync(Limit);

        // Every report that the loop made before the drain counts, and the next attempt began after the last of them.
        var began = result.History.Select(static report => (int)report["began"]).Distinct().ToList();
        var handedOver = began.Find(static count => count > 0);
        Assert.Equal(0, drained.ExitCode);
        Assert.Equal(Enumerable.Range(1, 40), result.History.Select(static it => (int)it["count"]));
        Assert.True(handedOver >= 5, $"attempts began after {string.Join(", ", began)} reports");
        Assert.Equal(
            handedOver - 1,
            (await File.ReadAllLinesAsync(log)).Count(static it => it.StartsWith("0 ", StringComparison.Ordinal))
        );
        Assert.Contains("Drain, Moving: done", drained.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sigterm_LoopThatNeverReports_EndsAtTheLimitAndSaysWhatIsHeld()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(
            folder.Path,
            count: 2,
            arguments: ["--drain-seconds", "1"]
        );
        var watch = new AttemptWatch(7);
        var fitting = silos.Air.FitAsync(PausingLoop.Trainer(silos.Air, pauseBefore: 7), watch);
        var drained = silos.At(await watch.PortOfWorkers.WaitAsync(Limit));

        await drained.TerminateAsync();
        await drained.WaitForExitAsync(Limit);
        var result = await fitting.WaitAsync(Limit);

        Assert.Equal(20, result.History.Count);
        Assert.Contains("there is still training workers:", drained.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sigterm_Twice_EndsAtOnce()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path, count: 2);
        var watch = new AttemptWatch(7);
        _ = silos.Air.FitAsync(PausingLoop.Trainer(silos.Air, pauseBefore: 7), watch);
        var drained = silos.At(await watch.PortOfWorkers.WaitAsync(Limit));

        await drained.TerminateAsync();
        using var http = new HttpClient();
        await UntilAsync(http, drained, HttpStatusCode.ServiceUnavailable).WaitAsync(Limit);
        var ready = await http.GetAsync(new Uri(drained.AdminUrl, "readyz"));
        var why = await ready.Content.ReadAsStringAsync();
        var live = await http.GetAsync(new Uri(drained.AdminUrl, "livez"));
        await drained.TerminateAsync();
        await drained.WaitForExitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.Contains("""{"name":"phase","ok":false,"detail":"draining"}""", why, StringComparison.Ordinal);
        Assert.Equal(143, drained.ExitCode);
    }

    [Fact]
    public async Task Sigterm_LeaseThatIsReplaced_StandsElsewhereBeforeTheSiloIsGone()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path, count: 2);
        await using var group = await silos.Air.Resources.ReserveAsync(
            new PlacementRequest
            {
                Bundles = [new Bundle { Resources = new ResourceSet { Cpu = 1 } }],
                OnLoss = PlacementLoss.Replace,
            }
        );
        var drained = silos.At(group.Bundles[0].Silo!.Endpoint.Port);

        await drained.TerminateAsync();
        await drained.WaitForExitAsync(Limit);
        var report = await silos.Air.Resources.DescribeAsync();

        var lease = Assert.Single(report.Leases, lease => lease.Id == group.Id);
        var silo = Assert.Single(report.Silos);
        Assert.Equal(silo.Silo, Assert.Single(lease.Bundles).Silo);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Sigterm_UnderServing_MovesReplicasBeforeAndFailsNoRequest(int replicas)
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path);
        await using var serving = await Serving.StartAsync(silos.Air, replicas);
        var doomed = await serving.SiloOfAReplicaAsync(silos);

        await doomed.TerminateAsync();
        await doomed.WaitForExitAsync(Limit);
        var counts = await serving.EndAsync().WaitAsync(Limit);

        Assert.Contains("Drain, Moving: done", doomed.Output, StringComparison.Ordinal);
        Assert.All(counts, static count => Assert.True(count > 0));
    }

    private static async Task UntilAsync(HttpClient http, SiloProcess silo, HttpStatusCode status)
    {
        while ((await http.GetAsync(new Uri(silo.AdminUrl, "readyz"))).StatusCode != status)
        {
            // Asked again.
        }
    }
}
