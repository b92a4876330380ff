using Air.Orleans.Quickstart;

namespace Air.Orleans.Tests;

public sealed class LostCallsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Quickstart_CallsAndAnswersAreLost_GivesTheSameNumbers(int seed)
    {
        using var folder = new TemporaryFolder();
        var options = new QuickstartOptions { DataFile = Repository.Data, Samples = 2 };
        await using var sound = await AirCluster.StartLocalAsync(
            new()
            {
                StorageFolder = Path.Combine(folder.Path, "sound"),
                Resources = new() { Cpu = 4 },
            }
        );
        var expected = await new QuickstartProgram(sound, options, new SilentProgress()).RunAsync().WaitAsync(Limit);

        await using var faulty = await FaultyCluster.StartAsync(Path.Combine(folder.Path, "faulty"), silos: 2, seed);
        faulty.Faults.Share = 0.05;
        var found = await new QuickstartProgram(faulty, options, new SilentProgress()).RunAsync().WaitAsync(Limit);

        Assert.True(faulty.Faults.Lost > 0, "no call was lost");
        Assert.Equal(expected.Train, found.Train);
        Assert.Equal(expected.Tune.Trials, found.Tune.Trials);
        Assert.Equal(expected.Predict, found.Predict);
        Assert.Equal(expected.Serve.Prediction, found.Serve.Prediction);
    }
}
