namespace Air.Orleans.Train.Tests.Cluster;

public sealed class StoppedSiloTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Fit_SiloOfTheWorkersStops_GoesOnElsewhereFromTheCheckpoint(int siloOfTheRun)
    {
        await using var silos = await StoppableSilos.StartAsync();
        var trainer = new DataParallelTrainer<SlopeParameters>(new SlopeLoop())
        {
            Parameters = new(),
            Datasets = { ["train"] = silos.Data.Range(60, blocks: 3) },
            Scaling = new() { Workers = 2 },
        };
        var undisturbed = await silos.FitAsync(trainer).WaitAsync(Generous);
        var running = new ProgressSignal(static progress => progress is { Iteration: 3, Silo: not null });
        await silos.PlaceRunAsync("stopped", siloOfTheRun);

        Task<Result> run;
        await using (await silos.OccupyAsync(2))
        {
            run = silos.FitAsync(
                trainer with
                {
                    Parameters = new() { WaitAt = 4 },
                    Run = new() { Name = "stopped" },
                    Failures = new() { MaxSiloLosses = 0 },
                },
                running
            );
            Assert.Equal(silos.Address(1).ToString(), (await running.Seen.WaitAsync(Generous)).Silo);
        }

        await silos.StopAsync(1);
        var result = await run.WaitAsync(Generous);

        Assert.Equal(2, result.Attempts);
        Assert.Equal(
            undisturbed.History.Select(static metrics => metrics["loss"]),
            result.History.Select(static metrics => metrics["loss"])
        );
    }
}
