using Air.Orleans.Data;
using Air.Orleans.Tests;
using Air.Orleans.Train;

namespace Air.Orleans.Cluster.Tests.Faults;

/// <summary>What a cluster of three silo processes survives, wherever its membership is.</summary>
public abstract class ClusterFaults : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

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
    public async Task Silo_StoppedAndContinued_EndsItselfAndItsRunGoesOnElsewhere()
    {
        await using var silos = await StartAsync();
        var watch = new AttemptWatch(reports: 7);
        var fitting = silos.Air.FitAsync(PausingLoop.Trainer(silos.Air, pauseBefore: 7), watch);
        var stale = silos.At(await watch.PortOfWorkers.WaitAsync(Limit));

        await stale.FreezeAsync();
        var result = await fitting.WaitAsync(Limit);
        await stale.ThawAsync();
        await stale.WaitForExitAsync(Limit);

        Assert.Equal(2, result.Attempts);
        Assert.Equal(20, result.History.Count);
        var checkpoint = await result.Checkpoint!.ReadAsync();
        Assert.Equal((float)result.Metrics["weight"], BitConverter.ToSingle(checkpoint.Read("weight").Span));
    }

    /// <summary>Where the silos keep their state, when not with the cluster.</summary>
    protected virtual string? Storage => null;

    private Task<SiloProcesses> StartAsync() => SiloProcesses.StartAsync(Cluster, storage: Storage);
}
