using Air.Orleans.Core;
using Air.Orleans.Data;
using Air.Orleans.Tests;
using Air.Orleans.Train;

namespace Air.Orleans.Cluster.Tests.Draining;

/// <summary>Every silo of a cluster is replaced, one after another, while it is used.</summary>
public sealed class UpgradeTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task Silos_ReplacedOneAfterAnother_NoCallerSeesAnError()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path);
        await using var serving = await Serving.StartAsync(silos.Air, replicas: 2);
        using var ending = new CancellationTokenSource();
        var calling = CallAsync(silos.Air, ending.Token);
        var trainer = DrainedLoop.Trainer(silos.Air, "upgraded", Path.Combine(folder.Path, "reports.txt"));
        var fitting = silos.Air.FitAsync(
            trainer with
            {
                Parameters = trainer.Parameters with { Reports = 400 },
                Failures = new() { MaxSiloLosses = -1 },
            }
        );

        foreach (var silo in silos.All.ToList())
        {
            await silo.TerminateAsync();
            await silo.WaitForExitAsync(Limit);
            Assert.Equal(0, silo.ExitCode);
            await silos.RestartAsync(silo);
        }

        await ending.CancelAsync();
        var calls = await calling.WaitAsync(Limit);
        var answered = await serving.EndAsync().WaitAsync(Limit);
        var result = await fitting.WaitAsync(Limit);

        Assert.True(calls > 0);
        Assert.All(answered, static count => Assert.True(count > 0));
        Assert.Equal(Enumerable.Range(1, 400), result.History.Select(static it => (int)it["count"]));
    }

    /// <summary>What an application asks of a cluster: its silos, its resources, its runs, the rows of a dataset.</summary>
    private static async Task<int> CallAsync(IAirCluster air, CancellationToken cancellationToken)
    {
        var rounds = 0;
        for (; !cancellationToken.IsCancellationRequested; rounds++)
        {
            Assert.NotEmpty(await air.Silos.ListAsync(CancellationToken.None));
            Assert.NotEmpty((await air.Resources.DescribeAsync(CancellationToken.None)).Silos);
            Assert.NotEmpty(await air.Runs.ListAsync(CancellationToken.None));
            Assert.Equal(100, await air.Data.Range(100, blocks: 3).CountAsync(CancellationToken.None));
        }

        return rounds;
    }
}
