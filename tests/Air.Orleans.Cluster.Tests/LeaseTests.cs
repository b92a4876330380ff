using Air.Orleans.Core;
using Air.Orleans.Core.Resources.Grains;
using Air.Orleans.Tests;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;
using Orleans.Runtime.Placement;

namespace Air.Orleans.Cluster.Tests;

/// <summary>Leases on silo processes that are killed.</summary>
public sealed class LeaseTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Ledger_ItsSiloKilledUnderAThousandLeases_EveryoneIsAnsweredAndNothingIsBookedTwice()
    {
        const int clients = 4;
        const int leasesEach = 250;
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path, resources: "CPU=2,GPU=0,slot=20");
        var air = new List<AirCluster>();
        try
        {
            for (var i = 0; i < clients; i++)
            {
                air.Add(await silos.ConnectAsync());
            }

            await PutLedgerOnAsync(silos.Air, silos.All[0].SiloPort);
            var answered = 0;
            var killAt = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var work = air.SelectMany(client => Enumerable.Range(0, 25).Select(_ => LoopAsync(client))).ToList();
            await killAt.Task.WaitAsync(Limit);
            silos.All[0].Kill();
            await Task.WhenAll(work).WaitAsync(Limit);

            Assert.Equal(clients * leasesEach, answered);
            await EndLedgerAsync(silos.Air);
            var report = await silos.Air.Resources.DescribeAsync();
            Assert.DoesNotContain(report.Silos, silo => silo.Silo.Endpoint.Port == silos.All[0].SiloPort);
            Assert.All(report.Silos, static silo => Assert.Equal(silo.Declared.ToString(), silo.Free.ToString()));

            async Task LoopAsync(AirCluster client)
            {
                for (var i = 0; i < leasesEach / 25; i++)
                {
                    await using (await client.Resources.ReserveAsync(Slots(2, 1)))
                    {
                        if (Interlocked.Increment(ref answered) == clients * leasesEach / 4)
                        {
                            killAt.SetResult();
                        }
                    }
                }
            }
        }
        finally
        {
            foreach (var client in air)
            {
                await client.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Ledger_ItsSiloKilled_LeasesElsewhereStayAndAreNotGivenToOthers()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path, resources: "CPU=2,GPU=0,slot=5");
        await using var spread = await silos.Air.Resources.ReserveAsync(Slots(3, 5));
        await PutLedgerOnAsync(silos.Air, silos.All[0].SiloPort);

        silos.All[0].Kill();
        var error = await Assert.ThrowsAsync<ResourceException>(() =>
            silos.Air.Resources.ReserveAsync(Slots(1, 5) with { Timeout = TimeSpan.FromSeconds(8) }).WaitAsync(Limit)
        );

        Assert.Contains("slot", error.Message, StringComparison.Ordinal);
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = spread.Lost.Register(lost.SetResult);
        await lost.Task.WaitAsync(Limit);
    }

    [Fact]
    public async Task Client_Gone_ItsLeasesAreFreed()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(
            folder.Path,
            count: 2,
            resources: "CPU=2,GPU=0,slot=5"
        );
        var client = await silos.ConnectAsync();
        _ = await client.Resources.ReserveAsync(Slots(1, 5));
        await client.DisposeAsync();

        await using var group = await silos
            .Air.Resources.ReserveAsync(Slots(1, 5) with { Timeout = Limit })
            .WaitAsync(Limit);

        Assert.Single((await silos.Air.Resources.DescribeAsync()).Leases);
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

    private static async Task EndLedgerAsync(AirCluster air) =>
        await Ledger(air).AsReference<IGrainManagementExtension>().DeactivateOnIdle();

    private static async Task PutLedgerOnAsync(AirCluster air, int port)
    {
        var target = (await air.Resources.DescribeAsync()).Silos.Single(silo => silo.Silo.Endpoint.Port == port).Silo;
        var management = air.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        using var limit = new CancellationTokenSource(Limit);
        while (!target.Equals(await management.GetActivationAddress(Ledger(air))))
        {
            limit.Token.ThrowIfCancellationRequested();
            await EndLedgerAsync(air);
            RequestContext.Set(IPlacementDirector.PlacementHintKey, target);
            await air.Resources.DescribeAsync(limit.Token);
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }
    }
}
