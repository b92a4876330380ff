using Air.Orleans.Core;
using Air.Orleans.Quickstart;

namespace Air.Orleans.Tests;

public sealed class QuickstartTests
{
    [Fact]
    public async Task Quickstart_Embedded_DoesTheWholePathAndReachesItsAccuracy()
    {
        using var folder = new TemporaryFolder();
        await using var air = await AirCluster.StartLocalAsync(Options(folder));
        var progress = new SilentProgress();

        var report = await new QuickstartProgram(air, new() { DataFile = Repository.Data }, progress).RunAsync();

        Assert.Equal(["read", "train", "tune", "predict", "serve"], progress.Ended);
        Assert.Equal(569, report.Rows);
        Assert.Equal(171, report.Predict.Rows);
        Assert.True(report.Predict.Accuracy >= 0.95, $"accuracy {report.Predict.Accuracy}");
        Assert.Equal(5, report.Tune.Trials.Count);
        Assert.Equal(report.Tune.Trials.Min(static trial => trial.Loss), report.Tune.Best.Loss);
        Assert.Equal(report.Serve.Prediction, report.Serve.HttpPrediction);
        Assert.InRange(report.Serve.Prediction, 0, 1);
    }

    [Fact]
    public async Task Quickstart_Progress_IsToldInOrderBeforeItsStepEnds()
    {
        using var folder = new TemporaryFolder();
        await using var air = await AirCluster.StartLocalAsync(Options(folder));
        var progress = new ToldProgress();

        await new QuickstartProgram(air, new() { DataFile = Repository.Data, Samples = 2 }, progress).RunAsync();

        foreach (var step in new[] { "train", "tune" })
        {
            var told = progress.Of(step);
            Assert.Equal(told.Order(), told);
            Assert.Equal(1, told[^1]);
        }

        Assert.Empty(progress.Of("predict"));
    }

    [Fact]
    public async Task Quickstart_SameSeed_GivesTheSameNumbersOnAnyClusterAndColumnOrder()
    {
        using var folder = new TemporaryFolder();
        var options = new QuickstartOptions
        {
            DataFile = Repository.Data,
            Samples = 3,
            Seed = 11,
        };
        var one = await RunAsync(options, Options(folder), silos: 1);
        var three = await RunAsync(options, Options(folder), silos: 3);

        Assert.Equal(one.Train, three.Train);
        Assert.Equal(one.Tune.Trials, three.Tune.Trials);
        Assert.Equal(one.Predict, three.Predict);
        Assert.Equal(one.Serve.Prediction, three.Serve.Prediction);
    }

    [Fact]
    public async Task Quickstart_ColumnsInAnotherOrder_StillRuns()
    {
        using var folder = new TemporaryFolder();
        var lines = await File.ReadAllLinesAsync(Repository.Data);
        var turned = folder.File(
            "turned.csv",
            string.Join('\n', lines.Select(static line => string.Join(',', line.Split(',').Reverse())))
        );

        var report = await RunAsync(
            new()
            {
                DataFile = turned,
                Samples = 1,
                Workers = 1,
            },
            Options(folder),
            silos: 1
        );

        Assert.True(report.Predict.Accuracy >= 0.95, $"accuracy {report.Predict.Accuracy}");
    }

    [Fact]
    public async Task Quickstart_FileWithoutTheTarget_NamesTheColumn()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("odd.csv", "a,b\n1,2\n3,4\n5,6\n");

        var error = await Assert.ThrowsAnyAsync<AirException>(() =>
            RunAsync(new() { DataFile = file, Workers = 1 }, Options(folder), silos: 1)
        );

        Assert.Contains("'target'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'a', 'b'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quickstart_MoreWorkersThanCpus_SaysWhatIsNeededAndWhatThereIs()
    {
        using var folder = new TemporaryFolder();

        var error = await Assert.ThrowsAnyAsync<AirException>(() =>
            RunAsync(new() { DataFile = Repository.Data, Workers = 7 }, Options(folder), silos: 1)
        );

        Assert.Contains("needs 7 CPU", error.Message, StringComparison.Ordinal);
        Assert.Contains("2 CPU", error.Message, StringComparison.Ordinal);
    }

    private static AirOptions Options(TemporaryFolder folder) =>
        new()
        {
            StorageFolder = folder.Path,
            Resources = new() { Cpu = 2 },
        };

    private static async Task<QuickstartReport> RunAsync(QuickstartOptions options, AirOptions cluster, int silos)
    {
        await using var air = await AirCluster.StartLocalAsync(cluster, silos);
        return await new QuickstartProgram(air, options, new SilentProgress()).RunAsync();
    }
}
