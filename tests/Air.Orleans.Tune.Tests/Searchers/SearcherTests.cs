using System.Text.Json;

namespace Air.Orleans.Tune.Tests;

public sealed class SearcherTests
{
    // Computed by a second implementation, in Python, from the published SplitMix64 and FNV-1a.
    private static readonly string[] Golden =
    [
        """{"LearningRate":0.5317507300464459,"BatchSize":502}""",
        """{"LearningRate":0.8554893067047289,"BatchSize":349}""",
        """{"LearningRate":0.0550429987605251,"BatchSize":468}""",
    ];

    private static readonly SearchSpace<Parameters> Mixed = new SearchSpace<Parameters>()
        .Grid(p => p.BatchSize, 16, 32)
        .LogUniform(p => p.LearningRate, 1e-4, 1e-2)
        .Grid(p => p.Activation, Activation.Relu, Activation.Tanh)
        .Choice(p => p.Name, "a", "b", "c");

    [Fact]
    public void RandomSearch_GridOfTwoAndFourSamples_GivesEightTrials()
    {
        var space = new SearchSpace<Parameters>().Grid(p => p.BatchSize, 16, 32).Uniform(p => p.Ratio, 0, 1);
        var searcher = new RandomSearch().Create(space.Dimensions, 4, Mode.Min, 0);
        Assert.Equal(8, searcher.TrialCount);
        Assert.NotNull(searcher.Suggest(7));
        Assert.Null(searcher.Suggest(8));
        // Sampled anew for every cell of the grid.
        Assert.Equal(
            8,
            Enumerable.Range(0, 8).Select(i => searcher.Suggest(i)!.Get<double>("Ratio")).Distinct().Count()
        );
    }

    [Fact]
    public void RandomSearch_TwoGrids_FirstVariesFastestAndTheWholeRepeats()
    {
        var searcher = new RandomSearch().Create(Mixed.Dimensions, 2, Mode.Min, 0);
        var cells = Enumerable
            .Range(0, searcher.TrialCount!.Value)
            .Select(i => searcher.Suggest(i)!)
            .Select(c => (c.Get<int>("BatchSize"), c.Get<Activation>("Activation")))
            .ToList();
        (int, Activation)[] grid =
        [
            (16, Activation.Relu),
            (32, Activation.Relu),
            (16, Activation.Tanh),
            (32, Activation.Tanh),
        ];
        Assert.Equal([.. grid, .. grid], cells);
    }

    [Fact]
    public void RandomSearch_AnyOrder_GivesTheSameTrials()
    {
        var forwards = new RandomSearch().Create(Mixed.Dimensions, 25, Mode.Min, 5);
        var backwards = new RandomSearch().Create(Mixed.Dimensions, 25, Mode.Max, 5);
        var first = Enumerable.Range(0, 100).Select(forwards.Suggest).ToList();
        var second = Enumerable.Range(0, 100).Reverse().Select(backwards.Suggest).Reverse().ToList();
        Assert.Equal(first, second);
    }

    [Fact]
    public void RandomSearch_OtherSeed_GivesOtherTrials()
    {
        var five = new RandomSearch().Create(Mixed.Dimensions, 25, Mode.Min, 5);
        var six = new RandomSearch().Create(Mixed.Dimensions, 25, Mode.Min, 6);
        Assert.All(Enumerable.Range(0, 100), i => Assert.NotEqual(five.Suggest(i), six.Suggest(i)));
    }

    [Fact]
    public void RandomSearch_GoldenSeed_GivesTheDrawsOfEveryVersion()
    {
        // Fixed once: a change here changes every user's search, so it is a breaking change.
        var dimensions = new SearchSpace<Parameters>()
            .Uniform(p => p.LearningRate, 0, 1)
            .RandInt(p => p.BatchSize, 0, 1000)
            .Dimensions;
        var searcher = new RandomSearch().Create(dimensions, 3, Mode.Min, 42);
        Assert.Equal(Golden, Enumerable.Range(0, 3).Select(i => searcher.Suggest(i)!.ToString()));
    }

    [Fact]
    public void RandomSearch_DimensionAdded_LeavesTheOtherDraws()
    {
        var one = new SearchSpace<Parameters>().Uniform(p => p.LearningRate, 0, 1);
        var two = new SearchSpace<Parameters>().Uniform(p => p.Ratio, 0, 1).Uniform(p => p.LearningRate, 0, 1);
        var narrow = new RandomSearch().Create(one.Dimensions, 9, Mode.Min, 1).Suggest(8)!;
        var wide = new RandomSearch().Create(two.Dimensions, 9, Mode.Min, 1).Suggest(8)!;
        Assert.Equal(narrow.Get<double>("LearningRate"), wide.Get<double>("LearningRate"));
        Assert.NotEqual(wide.Get<double>("Ratio"), wide.Get<double>("LearningRate"));
    }

    [Fact]
    public void RandomSearch_NoDimensions_RunsTheBaselineOncePerSample()
    {
        var searcher = new RandomSearch().Create([], 3, Mode.Min, 0);
        Assert.Equal(3, searcher.TrialCount);
        Assert.Equal(Configuration.Empty, searcher.Suggest(2));
    }

    [Fact]
    public void GridSearch_ChoicesAndGrids_AreCrossed()
    {
        var space = new SearchSpace<Parameters>().Choice(p => p.Name, "a", "b", "c").Grid(p => p.BatchSize, 1, 2);
        var searcher = new GridSearch().Create(space.Dimensions, 2, Mode.Min, 0);
        Assert.Equal(12, searcher.TrialCount);
        var once = Enumerable.Range(0, 6).Select(i => searcher.Suggest(i)!.ToString()).ToList();
        Assert.Equal("""{"Name":"b","BatchSize":1}""", once[1]);
        Assert.Equal(6, once.Distinct().Count());
        Assert.Equal(once, Enumerable.Range(6, 6).Select(i => searcher.Suggest(i)!.ToString()));
    }

    [Fact]
    public void GridSearch_ContinuousDimensions_NamesEachAndTheWayOut()
    {
        var space = Mixed.RandInt(p => p.Steps, 1, 5);
        var error = Assert.Throws<ArgumentException>(() => new GridSearch().Create(space.Dimensions, 1, Mode.Min, 0));
        Assert.Contains("GridSearch has 2 faults:", error.Message);
        Assert.Contains("GridSearch found LogUniform of 'LearningRate'", error.Message);
        Assert.Contains("GridSearch found RandInt of 'Steps'", error.Message);
        Assert.Contains("or use RandomSearch", error.Message);
    }

    [Fact]
    public void RandomSearch_MoreTrialsThanCanBeNumbered_IsRefused()
    {
        var values = Enumerable.Range(0, 70_000).ToArray();
        var space = new SearchSpace<Parameters>().Grid(p => p.BatchSize, values).Grid(p => p.Steps, [.. values]);
        var error = Assert.Throws<ArgumentException>(() => new RandomSearch().Create(space.Dimensions, 1, Mode.Min, 0));
        Assert.Contains("more than 2147483647 trials", error.Message);
        Assert.Throws<ArgumentException>(() => new RandomSearch().Create([], 0, Mode.Min, 0));
    }

    [Fact]
    public void LoadState_OfAnotherSeed_IsRefused()
    {
        var state = new RandomSearch().Create([], 1, Mode.Min, 1).SaveState();
        new RandomSearch().Create([], 1, Mode.Min, 1).LoadState(state);
        var other = new RandomSearch().Create([], 1, Mode.Min, 2);
        var error = Assert.Throws<ArgumentException>(() => other.LoadState(state));
        Assert.Contains("has seed 1, but this search has seed 2", error.Message);
        var broken = Assert.Throws<ArgumentException>(() => other.LoadState("no json"));
        Assert.Contains("The saved searcher state cannot be read", broken.Message);
    }

    [Fact]
    public void Json_ThroughTheInterface_KeepsTheAlgorithm()
    {
        var json = JsonSerializer.Serialize<ISearchAlgorithm>(new GridSearch());
        Assert.Equal(new GridSearch(), JsonSerializer.Deserialize<ISearchAlgorithm>(json));
    }
}
