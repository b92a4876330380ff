using Air.Orleans.Core;
using Air.Orleans.Train;

namespace Air.Orleans.Cluster.Tests.Faults;

/// <summary>A cluster whose membership and state are in Azure Storage, which Azurite stands in for.</summary>
[Requires(ServerKind.Azurite)]
public sealed class AzureClusterFaults(SharedServer<AzuriteServer> azurite)
    : IClassFixture<SharedServer<AzuriteServer>>,
        IAsyncLifetime
{
    private const string Place = "azure://devstoreaccount1";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    public Task InitializeAsync()
    {
        var uri = ClusterUri.Parse(Place);
        // The silo processes and the client of this process read it; nothing else here does.
        Environment.SetEnvironmentVariable(uri.SecretVariable!, azurite.Server.ConnectionString);
        return ClusterProviders.StorageOf(uri).InitializeAsync(uri, CancellationToken.None);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [RequiresFact]
    public async Task Silo_OneOfThreeKilled_ItsRunGoesOnElsewhereFromTheLatestCheckpoint()
    {
        await using var silos = await SiloProcesses.StartAsync($"{Place}?cluster={Guid.NewGuid():N}");
        var watch = new AttemptWatch(reports: 7);
        var fitting = silos.Air.FitAsync(PausingLoop.Trainer(silos.Air, pauseBefore: 7), watch);

        silos.At(await watch.PortOfWorkers.WaitAsync(Limit)).Kill();
        var result = await fitting.WaitAsync(Limit);

        Assert.Equal(2, result.Attempts);
        Assert.Equal(20, result.History.Count);
        var checkpoint = await result.Checkpoint!.ReadAsync();
        Assert.Equal((float)result.Metrics["weight"], BitConverter.ToSingle(checkpoint.Read("weight").Span));
    }
}
