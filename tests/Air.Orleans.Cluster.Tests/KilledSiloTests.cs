using Air.Orleans.Data;
using Air.Orleans.Quickstart;
using Air.Orleans.Tests;
using Air.Orleans.Train;
using Apache.Arrow;

namespace Air.Orleans.Cluster.Tests;

public sealed class KilledSiloTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task Quickstart_OnSiloProcesses_GivesTheNumbersOfTheEmbeddedCluster()
    {
        using var folder = new TemporaryFolder();
        var options = new QuickstartOptions { DataFile = Repository.Data, Samples = 2 };
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path, count: 2);
        await using var embedded = await AirCluster.StartLocalAsync(
            new()
            {
                StorageFolder = Path.Combine(folder.Path, "embedded"),
                Resources = new() { Cpu = 2 },
            }
        );

        var there = await new QuickstartProgram(silos.Air, options, new SilentProgress()).RunAsync().WaitAsync(Limit);
        var here = await new QuickstartProgram(embedded, options, new SilentProgress()).RunAsync().WaitAsync(Limit);

        Assert.Equal(here.Train, there.Train);
        Assert.Equal(here.Tune.Trials, there.Tune.Trials);
        Assert.Equal(here.Predict, there.Predict);
        Assert.Equal(here.Serve.HttpPrediction, there.Serve.HttpPrediction);
    }

    [Fact]
    public async Task Training_SiloOfTheWorkersKilled_GoesOnElsewhereFromTheLatestCheckpoint()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path);
        var undisturbed = await silos.Air.FitAsync(PausingLoop.Trainer(silos.Air, pauseBefore: null)).WaitAsync(Limit);

        var watch = new AttemptWatch(reports: 7);
        var fitting = silos.Air.FitAsync(PausingLoop.Trainer(silos.Air, pauseBefore: 7), watch);
        var port = await watch.PortOfWorkers.WaitAsync(Limit);
        silos.At(port).Kill();
        var result = await fitting.WaitAsync(Limit);

        Assert.Equal(2, result.Attempts);
        Assert.Equal(20, result.History.Count);
        Assert.Equal(
            undisturbed.History.Select(static report => (report["loss"], report["weight"])),
            result.History.Select(static report => (report["loss"], report["weight"]))
        );
    }

    [Fact]
    public async Task Training_SiloLostMoreOftenThanAllowed_FailsAndKeepsItsCheckpoints()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path);
        var trainer = PausingLoop.Trainer(silos.Air, pauseBefore: 7) with { Failures = new() { MaxSiloLosses = 0 } };

        var watch = new AttemptWatch(reports: 7);
        var fitting = silos.Air.FitAsync(trainer, watch);
        var port = await watch.PortOfWorkers.WaitAsync(Limit);
        silos.At(port).Kill();
        var error = await Assert.ThrowsAsync<TrainingException>(() => fitting.WaitAsync(Limit));

        Assert.Contains("MaxSiloLosses allows 0", error.Message, StringComparison.Ordinal);
        Assert.Equal(7, error.Result!.History.Count);
        var checkpoint = await error.Result.Checkpoint!.ReadAsync();
        Assert.Equal((float)error.Result.Metrics["weight"], BitConverter.ToSingle(checkpoint.Read("weight").Span));
    }

    [Fact]
    public async Task Dataset_SiloWithBlocksKilled_GivesTheSameRowsAgain()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path);
        var (train, _) = silos
            .Air.Data.ReadCsv(Repository.Data, new() { BlockSizeBytes = 4_000 })
            .TrainTestSplit(0.3, seed: 3);
        var before = await RadiiAsync(train).WaitAsync(Limit);

        silos.All[0].Kill();
        var after = await RadiiAsync(train).WaitAsync(Limit);

        Assert.Equal(398, before.Count);
        Assert.Equal(before, after);
    }

    private static async Task<List<double?>> RadiiAsync(Dataset dataset)
    {
        var radii = new List<double?>();
        await foreach (var batch in dataset.IterBatchesAsync(50))
        {
            radii.AddRange((DoubleArray)batch.Column("mean radius"));
        }

        return radii;
    }
}
