using Air.Orleans.Cluster.Tests.Leases;
using Air.Orleans.Core;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources.Grains;
using Air.Orleans.Data;
using Air.Orleans.Tests;
using Air.Orleans.Train;
using Air.Orleans.Train.Grains;
using Microsoft.Extensions.DependencyInjection;

namespace Air.Orleans.Cluster.Tests.Faults;

/// <summary>What a cluster of three silo processes survives, wherever its membership is.</summary>
public abstract class ClusterFaults : IDisposable
{
    private protected static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private readonly TemporaryFolder _folder = new();

    /// <summary>The cluster's URI; every test has a cluster of its own.</summary>
    protected abstract string Place { get; }

    protected string Folder => _folder.Path;

    private string Cluster => $"{Place}?cluster={Guid.NewGuid():N}";

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [RequiresFact]
    public async Task Silos_EachKilledInTurnAndStartedAgain_ClientGoesOn()
    {
        await using var silos = await StartAsync();
        for (var i = 0; i < 3; i++)
        {
            var silo = silos.All[i];
            silo.Kill();
            Assert.Equal(100, await silos.Air.Data.Range(100).CountAsync().WaitAsync(Limit));
            await silos.RestartAsync(silo);
            Assert.Equal(100, await silos.Air.Data.Range(100).CountAsync().WaitAsync(Limit));
        }
    }

    [RequiresFact]
    public async Task Silos_AllKilledAndStartedAgainAtOnce_AreUpAndTheClientFindsThem()
    {
        await using var silos = await StartAsync();

        await silos.KillAllAsync();
        await silos.StartAllAsync(3);

        Assert.Equal(100, await silos.Air.Data.Range(100).CountAsync().WaitAsync(Limit));
        await using var another = await AirCluster.ConnectAsync(silos.Cluster);
        Assert.Equal(10, await another.Data.Range(10).CountAsync().WaitAsync(Limit));
    }

    [RequiresFact]
    public async Task Silo_StoppedForTwentySeconds_WritesNothingMoreEndsItselfAndItsRunGoesOnElsewhere()
    {
        await using var silos = await StartAsync();
        var watch = new AttemptWatch(reports: 7);
        var fitting = silos.Air.FitAsync(PausingLoop.Trainer(silos.Air, pauseBefore: 7), watch);
        var stale = silos.At(await watch.PortOfWorkers.WaitAsync(Limit));
        var fenced = await FencedOnAsync(silos, stale);

        await stale.FreezeAsync();
        var result = await fitting.WaitAsync(Limit);
        await GrainCalls.RetryAsync(() => fenced.BeginAsync(2));
        await stale.FrozenForAsync(TimeSpan.FromSeconds(20));
        await stale.ThawAsync();
        await stale.WaitForExitAsync(Limit);

        Assert.Equal(2, result.Attempts);
        Assert.Equal(20, result.History.Count);
        var checkpoint = await result.Checkpoint!.ReadAsync();
        Assert.Equal((float)result.Metrics["weight"], BitConverter.ToSingle(checkpoint.Read("weight").Span));
        await AssertFencedAsync(silos, stale);
    }

    [RequiresFact]
    public async Task Silos_EachKilledWhileAThousandLeasesAreTakenAndFreed_NothingIsBookedTwiceAndEveryoneIsAnswered()
    {
        const string offer = "CPU=2,GPU=2,slot=10";
        const int rounds = 4;
        await using var silos = await StartAsync(resources: offer);
        var watch = new AttemptWatch(reports: 7);
        var trainer = PausingLoop.Trainer(silos.Air, pauseBefore: 7) with
        {
            Run = new() { Name = "disturbed" },
            Failures = new() { MaxSiloLosses = 2 * rounds },
        };
        var fitting = silos.Air.FitAsync(trainer, watch);
        await watch.PortOfWorkers.WaitAsync(Limit);
        await using var load = await LeaseLoad.ConnectAsync(silos, clients: 4, offer);
        await using var books = BookWatch.Start(silos.Air);
        var grains = silos.Air.Services.GetRequiredService<IGrainFactory>();
        var left = silos.All.ToList();

        for (var round = 0; round < rounds; round++)
        {
            var doomed = round switch
            {
                0 => await silos.OfAsync(grains.GetGrain<ITrainRunGrain>("disturbed")),
                1 => await silos.OfAsync(grains.GetGrain<IResourceLedgerGrain>(0)),
                _ => left.FirstOrDefault(),
            };
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var work = load.TakeAndFreeAsync(1000 / rounds, begun);
            await Task.WhenAny(begun.Task, work).WaitAsync(Limit);
            doomed?.Kill();
            await work.WaitAsync(Limit);
            if (doomed is not null)
            {
                _ = left.Remove(doomed);
                await silos.RestartAsync(doomed);
            }
        }

        Assert.Empty(left);
        Assert.Equal(1000, load.Answered);
        Assert.Empty(load.Held.Excesses);
        Assert.Equal(20, (await fitting.WaitAsync(Limit)).History.Count);
        await AssertAllIsFreeAsync(silos.Air);
        Assert.Empty(await books.EndAsync());
        Assert.True(books.Read > rounds, $"Only {books.Read} books were read.");
    }

    /// <summary>Starts the silos; their state is where their membership is, unless another place is named.</summary>
    private protected Task<SiloProcesses> StartAsync(
        string? storage = null,
        string resources = SiloProcesses.TwoCpus
    ) => SiloProcesses.StartAsync(Cluster, storage: storage, resources: resources);

    /// <summary>A grain on the silo that has written as epoch 1 of its run, and tries so again after its silo was stopped.</summary>
    private protected static async Task<IFencedGrain> FencedOnAsync(SiloProcesses silos, SiloProcess silo)
    {
        var fenced = Fenced(silos);
        var address = await silo.OnAsync(silos.Air, () => fenced.BeginAsync(1));
        Assert.Equal(silo.SiloPort, address.Endpoint.Port);
        return fenced;
    }

    /// <summary>What was written as epoch 2 is what there is, and the silo that was stopped has written nothing.</summary>
    private protected static async Task AssertFencedAsync(SiloProcesses silos, SiloProcess stale)
    {
        Assert.DoesNotContain(FencedGrain.StateWritten, stale.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(FencedGrain.CheckpointWritten, stale.Output, StringComparison.Ordinal);
        var fenced = Fenced(silos);
        Assert.Equal(2, await GrainCalls.RetryAsync(() => fenced.EpochAsync()));
        Assert.Equal(
            [1, 2],
            (await silos.Air.Checkpoints.ListAsync(FencedRun)).Select(static one => one.Manifest.Epoch)
        );
    }

    private const string FencedRun = "fenced";

    private static IFencedGrain Fenced(SiloProcesses silos) =>
        silos.Air.Services.GetRequiredService<IGrainFactory>().GetGrain<IFencedGrain>(FencedRun);

    /// <summary>Waits until nothing is booked any more, neither in the ledger nor in the silos' books.</summary>
    private static async Task AssertAllIsFreeAsync(IAirCluster air)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            var books = await BookWatch.ReadAsync(air);
            var report = await air.Resources.DescribeAsync(limit.Token);
            if (
                books.Length == 3
                && report.Silos.Count == 3
                && books.All(static page => page.Report.Bookings.Length == 0)
                && report.Silos.All(static silo => silo.Free.ToString() == silo.Declared.ToString())
            )
            {
                return;
            }
        }
    }
}
