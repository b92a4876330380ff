using System.Text;

namespace Air.Orleans.Train.Tests.Cluster;

public sealed class TrainRunTests(TrainFixture fixture) : IClassFixture<TrainFixture>
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);

    private AirCluster Air => fixture.Air;

    [Fact]
    public async Task Fit_TwoWorkers_LearnsAndKeepsTheBestCheckpoints()
    {
        var trainer = Trainer(new()) with
        {
            Checkpoints = new() { Metric = "distance", Keep = 2 },
        };

        var result = await FitAsync(trainer);

        Assert.Equal(10, result.History.Count);
        Assert.True(result.Metrics["loss"] < result.History[0]["loss"] / 10);
        Assert.Equal(4, result.Checkpoint!.Metrics["number"]);
        // The two best, the newer of equals, and the latest.
        Assert.Equal([4, 5, 10], result.Checkpoints.Select(static kept => kept.Metrics["number"]));
        var content = await result.Checkpoint.ReadAsync();
        Assert.Contains(
            "\"Reports\": 10",
            Encoding.UTF8.GetString(content.Read(CheckpointContent.ParametersFile).Span),
            StringComparison.Ordinal
        );
        Assert.Null(result.Error);
        Assert.Equal(1, result.Attempts);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Fit_SameSeed_GivesTheSameBits(int workers)
    {
        var trainer = Trainer(new() { Reports = 4 }) with { Scaling = new() { Workers = workers } };

        var one = await FitAsync(trainer);
        var other = await FitAsync(trainer);

        Assert.Equal(Losses(one), Losses(other));
        Assert.Equal(await WeightAsync(one), await WeightAsync(other));
    }

    [Fact]
    public async Task Fit_LoopThrowsOnOneWorker_NamesItAndKeepsWhatWasDone()
    {
        var error = await FailAsync(Trainer(new() { ThrowAt = 4 }));

        Assert.Contains("Worker 1 of 2 failed after 3 reports", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "InvalidOperationException: the cat sat on the keyboard",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("SlopeLoop", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, error.Result!.History.Count);
        Assert.Equal(3, error.Result.Checkpoint!.Metrics["number"]);
        Assert.Equal(error.Message, error.Result.Error);
    }

    [Fact]
    public async Task Fit_LoopThrowsAtOnce_DoesNotHang()
    {
        var error = await FailAsync(Trainer(new() { ThrowAt = 1 }));

        Assert.Contains("Worker 1 of 2 failed after 0 reports", error.Message, StringComparison.Ordinal);
        Assert.Empty(error.Result!.History);
        Assert.Null(error.Result.Checkpoint);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Fit_NaNMetric_NamesWorkerMetricAndReport(int rank)
    {
        var error = await FailAsync(Trainer(new() { NaNAt = 3, FaultyRank = rank }));

        Assert.Contains($"Worker {rank} of 2 failed after 2 reports", error.Message, StringComparison.Ordinal);
        Assert.Contains("metric 'loss' is NaN in report 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("lower learning rate", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, error.Result!.History.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Fit_WorkerReportsLessOften_SaysWhichAndWhatMustHold(int rank)
    {
        var error = await FailAsync(Trainer(new() { FaultyReports = 3, FaultyRank = rank }));

        Assert.Contains($"worker {rank} has ended after 3 reports", error.Message, StringComparison.Ordinal);
        Assert.Contains("every worker must make the same calls", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("..", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_MoreWorkersThanResources_SaysWhatIsNeededAndWhatThereIs()
    {
        var error = await FailAsync(Trainer(new()) with { Scaling = new() { Workers = 3 } });

        Assert.Contains("needs 3 CPU", error.Message, StringComparison.Ordinal);
        Assert.Contains("2 CPU", error.Message, StringComparison.Ordinal);
        Assert.Contains("ask for less, add a larger silo", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_DatasetMissing_SuggestsTheNearName()
    {
        var error = await FailAsync(Trainer(new() { Dataset = "trains" }));

        Assert.Contains("no dataset 'trains' (datasets: 'train')", error.Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'train'?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_FewerRowsThanWorkers_SaysHowMany()
    {
        var error = await FailAsync(Trainer(new(), rows: 1));

        Assert.Contains(
            "dataset 'train' has 1 rows, fewer than there are workers",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Fit_OneErrorAllowed_ResumesFromTheCheckpoint()
    {
        var parameters = new SlopeParameters { ThrowAt = 4 };

        var result = await FitAsync(Trainer(parameters) with { Failures = new() { MaxErrors = 1 } });
        var undisturbed = await FitAsync(Trainer(new()));

        Assert.Equal(2, result.Attempts);
        Assert.Equal(
            Enumerable.Range(1, 10).Select(static number => (double)number),
            result.History.Select(static metrics => metrics["number"])
        );
        Assert.Equal(Losses(undisturbed), Losses(result));
        Assert.Equal(await WeightAsync(undisturbed), await WeightAsync(result));
    }

    [Fact]
    public async Task Fit_SameNameAndTrainerDescribedAnew_GivesTheRunThatWas()
    {
        // Each description has datasets with ids of their own.
        var first = await FitAsync(Trainer(new() { Reports = 2 }) with { Run = new() { Name = "attached" } });
        var again = await FitAsync(Trainer(new() { Reports = 2 }) with { Run = new() { Name = "attached" } });

        Assert.Equal(first.Checkpoint!.Id, again.Checkpoint!.Id);
        Assert.Equal(RunState.Succeeded, (await Air.Runs.GetAsync("attached")).State);
    }

    [Fact]
    public async Task Fit_SameNameOtherTrainer_IsRefused()
    {
        var trainer = Trainer(new() { Reports = 2 }) with { Run = new() { Name = "taken" } };
        await FitAsync(trainer);

        var error = await Assert.ThrowsAsync<TrainingException>(() =>
            FitAsync(trainer with { Parameters = new() { Reports = 3 } })
        );

        Assert.Contains("'taken'", error.Message, StringComparison.Ordinal);
        Assert.Contains("another RunConfig.Name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_CpusTaken_SaysWhyItWaitsAndRunsWhenTheyAreFree()
    {
        using var stop = new CancellationTokenSource();
        var running = new ProgressSignal(static progress => progress.Iteration == 2);
        var holder = Air.FitAsync(Trainer(new() { WaitAt = 3 }), running, stop.Token);
        await running.Seen.WaitAsync(Generous);
        var pending = new ProgressSignal(static progress =>
            progress.Status == "Pending" && progress.Detail.Contains("pending: ", StringComparison.Ordinal)
        );

        var waiter = Air.FitAsync(Trainer(new() { Reports = 2 }), pending);
        var told = await pending.Seen.WaitAsync(Generous);
        Assert.Contains("2 CPU", told.Detail, StringComparison.Ordinal);
        Assert.False(waiter.IsCompleted);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => holder.WaitAsync(Generous));
        Assert.Equal(2, (await waiter.WaitAsync(Generous)).History.Count);
    }

    [Fact]
    public async Task Prepare_FaultyTrainer_ListsEveryFault()
    {
        var trainer = Trainer(new()) with
        {
            Scaling = new() { Workers = 0 },
            Checkpoints = new() { Keep = 0 },
        };

        var error = await Assert.ThrowsAsync<ArgumentException>(() => FitAsync(trainer));

        Assert.Contains("Scaling.Workers is 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("Checkpoints.Keep is 0", error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<double> Losses(Result result) =>
        result.History.Select(static metrics => metrics["loss"]);

    private static async Task<byte[]> WeightAsync(Result result) =>
        (await result.Checkpoint!.ReadAsync()).Read(SlopeLoop.WeightFile).ToArray();

    private DataParallelTrainer<SlopeParameters> Trainer(SlopeParameters parameters, int rows = 101) =>
        new(new SlopeLoop())
        {
            Parameters = parameters,
            Datasets = { ["train"] = Air.Data.Range(rows, blocks: Math.Min(rows, 3)) },
            Scaling = new() { Workers = 2 },
            Run = new() { Seed = 7 },
        };

    private Task<Result> FitAsync(Trainer<SlopeParameters> trainer) => Air.FitAsync(trainer).WaitAsync(Generous);

    private Task<TrainingException> FailAsync(Trainer<SlopeParameters> trainer) =>
        Assert.ThrowsAsync<TrainingException>(() => FitAsync(trainer));
}
