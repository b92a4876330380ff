using Air.Orleans.Core;
using Air.Orleans.Core.Resources.Grains;
using Air.Orleans.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Air.Orleans.Cluster.Tests.Leases;

/// <summary>Leases on silo processes that are killed.</summary>
public sealed class LeaseTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Ledger_ItsSiloKilled_LeasesElsewhereStayAndAreNotGivenToOthers()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path, resources: "CPU=2,GPU=0,slot=5");
        await using var spread = await silos.Air.Resources.ReserveAsync(Slots(3, 5));

        (await silos.OfAsync(Ledger(silos.Air))).Kill();
        var error = await Assert.ThrowsAsync<ResourceException>(() =>
            silos.Air.Resources.ReserveAsync(Slots(1, 5) with { Timeout = TimeSpan.FromSeconds(8) }).WaitAsync(Limit)
        );

        Assert.Contains("slot", error.Message, StringComparison.Ordinal);
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = spread.Lost.Register(lost.SetResult);
        await lost.Task.WaitAsync(Limit);
    }

    [Fact]
    public async Task Client_ItsProcessKilled_ItsLeasesAreFreed()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(
            folder.Path,
            count: 2,
            resources: "CPU=2,GPU=0,slot=5"
        );
        await using var held = await silos.Air.Resources.ReserveAsync(Slots(1, 5));
        await using var client = await ClientProcess.StartAsync(silos.Cluster, "slot=5");
        var pending = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = silos.Air.Resources.ReserveAsync(Slots(1, 5), new Reasons(pending));

        Assert.Contains("slot", await pending.Task.WaitAsync(Limit), StringComparison.Ordinal);
        client.Kill();
        await using var group = await waiting.WaitAsync(Limit);

        Assert.Equal(2, (await silos.Air.Resources.DescribeAsync()).Leases.Count);
        Assert.NotEqual(held.Bundles[0].Silo, group.Bundles[0].Silo);
    }

    [Fact]
    public async Task Client_ItsProcessAskedToEnd_Ends()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path, count: 1);
        await using var client = await ClientProcess.StartAsync(silos.Cluster, "CPU=1");

        // 128 + SIGTERM: nothing that connects takes the signal from the program.
        Assert.Equal(143, await client.TerminateAsync(Limit));
    }

    private static PlacementRequest Slots(int bundles, double slots) =>
        new()
        {
            Bundles =
            [
                .. Enumerable.Repeat(
                    new Bundle
                    {
                        Resources = new ResourceSet { Custom = new Dictionary<string, double> { ["slot"] = slots } },
                    },
                    bundles
                ),
            ],
            Strategy = PlacementGroupStrategy.Spread,
        };

    private static IResourceLedgerGrain Ledger(AirCluster air) =>
        air.Services.GetRequiredService<IGrainFactory>().GetGrain<IResourceLedgerGrain>(0);

    private sealed class Reasons(TaskCompletionSource<string> first) : IProgress<string>
    {
        public void Report(string value) => first.TrySetResult(value);
    }
}
