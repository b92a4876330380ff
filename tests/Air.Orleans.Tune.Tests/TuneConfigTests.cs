using System.Text.Json;

namespace Air.Orleans.Tune.Tests;

public sealed class TuneConfigTests
{
    [Fact]
    public void Validate_EverythingWrong_ListsAllFaultsAtOnce()
    {
        var config = new TuneConfig
        {
            Metric = " ",
            Mode = (Mode)7,
            BestScope = (BestScope)9,
            Samples = 0,
            MaxConcurrent = -1,
            MaxFailures = -2,
            Scheduler = new Asha { GracePeriod = 0 },
            Searcher = new GridSearch(),
        };
        Domain[] dimensions = [new UniformDomain("x", 0, 1), new IntegerDomain("x", 0, 2)];

        var error = Assert.Throws<ArgumentException>(() => config.Validate(dimensions));

        Assert.Contains("TuneConfig has 10 faults:", error.Message);
        foreach (
            var text in new[]
            {
                "TuneConfig.Metric is empty",
                "TuneConfig.Mode is 7",
                "TuneConfig.BestScope is 9",
                "Samples is 0",
                "TuneConfig.MaxConcurrent is -1",
                "TuneConfig.MaxFailures is -2",
                "Asha.GracePeriod is 0",
                "Dimension 'x' is given 2 times",
                "GridSearch found Uniform of 'x'",
                "GridSearch found RandInt of 'x'",
            }
        )
        {
            Assert.Contains(text, error.Message);
        }
    }

    [Fact]
    public void Validate_PluginsMissing_SaysSo()
    {
        var config = new TuneConfig
        {
            Metric = "loss",
            Mode = Mode.Min,
            Scheduler = null!,
            Searcher = null!,
        };
        var error = Assert.Throws<ArgumentException>(() => config.Validate([]));
        Assert.Contains("TuneConfig.Scheduler is null", error.Message);
        Assert.Contains("TuneConfig.Searcher is null", error.Message);
    }

    [Fact]
    public void Json_RoundTrip_KeepsEverySetting()
    {
        var config = new TuneConfig
        {
            Metric = "loss",
            Mode = Mode.Max,
            Samples = 3,
            Seed = long.MinValue,
            Scheduler = new Asha { Brackets = 2 },
            Searcher = new GridSearch(),
            BestScope = BestScope.All,
        };
        Assert.Equal(config, JsonSerializer.Deserialize<TuneConfig>(JsonSerializer.Serialize(config)));
    }
}
