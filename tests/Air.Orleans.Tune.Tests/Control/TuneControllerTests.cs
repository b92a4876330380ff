using static Air.Orleans.Tune.Tests.SimulatedSearch;

namespace Air.Orleans.Tune.Tests;

public sealed class TuneControllerTests
{
    private static readonly TuneConfig Plain = Config with { Scheduler = new Fifo(), Samples = 4 };

    [Fact]
    public void Start_FreeSlots_StartsAsManyInOrder()
    {
        var controller = new TuneController(Plain, []);
        Assert.Equal([0, 1], controller.Start(2).Select(t => t.Index));
        Assert.All(controller.Trials, trial => Assert.Equal(TrialState.Running, trial.State));
        Assert.Empty(controller.Start(0));
        Assert.Equal([2, 3], controller.Start(9).Select(t => t.Index));
        Assert.Empty(controller.Start(9));
        Assert.Equal((4, 4), (controller.TrialCount, controller.RunningCount));
        Assert.False(controller.IsFinished);
    }

    [Fact]
    public void Start_MaxConcurrent_IsNeverPassed()
    {
        var controller = new TuneController(Plain with { MaxConcurrent = 2 }, []);
        Assert.Equal(2, controller.Start(9).Count);
        Assert.Empty(controller.Start(9));
        controller.Complete(0);
        Assert.Equal([2], controller.Start(9).Select(t => t.Index));
    }

    [Fact]
    public void Complete_AllTrials_FinishesTheSearch()
    {
        var controller = Started(4);
        for (var i = 0; i < 4; i++)
        {
            Assert.False(controller.IsFinished);
            controller.Complete(i);
            controller.Complete(i);
        }

        Assert.True(controller.IsFinished);
        Assert.All(
            controller.Trials,
            trial => Assert.Equal((TrialState.Completed, true), (trial.State, trial.HasEnded))
        );
    }

    [Fact]
    public void Report_MetricMissing_NamesItAndWhatWasReported()
    {
        var controller = Started(1);
        var metrics = new Dictionary<string, double> { ["los"] = 1, ["accuracy"] = 2 };
        var error = Assert.Throws<ArgumentException>(() => controller.Report(0, 3, metrics));
        Assert.Contains(
            "Metric 'loss' is not in the report of trial 0 at iteration 3 (reported: 'los', 'accuracy'). "
                + "Report it, or change TuneConfig.Metric. Did you mean 'los'?",
            error.Message
        );
        var nothing = Assert.Throws<ArgumentException>(() => controller.Report(0, 1, new Dictionary<string, double>()));
        Assert.Contains("(reported: none)", nothing.Message);
        Assert.Empty(controller.Trials[0].Reports);
    }

    [Fact]
    public void Report_NoSuchTrialOrIteration_IsRefused()
    {
        var controller = Started(1);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => controller.Report(1, 1, Loss(1)));
        Assert.Contains("There is no trial 1: 1 were started so far", error.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => controller.Report(0, 0, Loss(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => controller.Start(-1));
    }

    [Fact]
    public void Report_IterationsRepeatedAfterARestore_ReplaceTheHistory()
    {
        var controller = Started(1);
        foreach (var (iteration, loss) in new[] { (1, 1.0), (2, 2.0), (3, 3.0), (2, 20.0) })
        {
            controller.Report(0, iteration, Loss(loss));
        }

        Assert.Equal([(1, 1.0), (2, 20.0)], controller.Trials[0].Reports.Select(r => (r.Iteration, r.Metrics["loss"])));
    }

    [Fact]
    public void Report_MetricsChangedAfterwards_KeepsWhatWasReported()
    {
        var controller = Started(1);
        var metrics = Loss(1);
        controller.Report(0, 1, metrics);
        metrics["loss"] = 5;
        Assert.Equal(1, controller.Trials[0].Reports[0].Metrics["loss"]);
    }

    [Fact]
    public void Report_SchedulerStops_RunsUntilItsEndIsRecorded()
    {
        var controller = new TuneController(Config with { Scheduler = new Asha { MaxIterations = 9 } }, []);
        controller.Start(2);
        controller.Report(0, 1, Loss(1));
        Assert.Equal(DecisionKind.Stop, controller.Report(1, 1, Loss(2)).Kind);
        Assert.Equal(TrialState.Running, controller.Trials[1].State);
        Assert.Equal(DecisionKind.Stop, controller.Report(1, 2, Loss(0)).Kind);
        Assert.Single(controller.Trials[1].Reports);
        controller.Complete(1);
        Assert.Equal(TrialState.Stopped, controller.Trials[1].State);
        Assert.StartsWith("value 2 at iteration 1", controller.Trials[1].Decision.Reason, StringComparison.Ordinal);
        Assert.Equal(DecisionKind.Stop, controller.Report(1, 2, Loss(0)).Kind);

        Assert.True(controller.Report(0, 9, Loss(1)).IsBudgetSpent);
        controller.Complete(0);
        Assert.Equal(TrialState.Completed, controller.Trials[0].State);
    }

    [Fact]
    public void Fail_NoRetriesLeft_KeepsTheErrorAndTheOthersGoOn()
    {
        var controller = Started(2);
        Assert.False(controller.Fail(0, "out of memory"));
        Assert.Equal((TrialState.Failed, "out of memory"), (controller.Trials[0].State, controller.Trials[0].Error));
        Assert.Equal(TrialState.Running, controller.Trials[1].State);
        Assert.Equal("trial 0 is Failed, not Running", controller.Report(0, 1, Loss(1)).Reason);
        Assert.Equal([2, 3], controller.Start(5).Select(t => t.Index));
        Assert.Throws<ArgumentException>(() => controller.Fail(1, " "));
    }

    [Fact]
    public void Fail_RetriesLeft_StartsTheTrialAgainBeforeNewOnes()
    {
        var controller = new TuneController(Plain with { MaxFailures = 1 }, []);
        controller.Start(2);
        Assert.True(controller.Fail(1, "first"));
        Assert.True(controller.Fail(1, "said twice"));
        Assert.Equal((TrialState.Pending, 1), (controller.Trials[1].State, controller.Trials[1].FailureCount));
        Assert.Throws<InvalidOperationException>(() => controller.Complete(1));
        Assert.Equal([1, 2], controller.Start(2).Select(t => t.Index));
        Assert.False(controller.Fail(1, "second"));
        Assert.Equal(
            (TrialState.Failed, "second", 2),
            (controller.Trials[1].State, controller.Trials[1].Error, controller.Trials[1].FailureCount)
        );
    }

    [Fact]
    public void Fail_AfterAStopDecision_EndsAsStopped()
    {
        var controller = new TuneController(Config with { MaxFailures = -1 }, []);
        controller.Start(1);
        controller.Report(0, 1, Loss(double.NaN));
        Assert.False(controller.Fail(0, "fell over while stopping"));
        Assert.Equal(
            (TrialState.Stopped, "fell over while stopping"),
            (controller.Trials[0].State, controller.Trials[0].Error)
        );
    }

    [Theory]
    [InlineData(Mode.Min, BestScope.Last, 1)]
    [InlineData(Mode.Min, BestScope.All, 0)]
    [InlineData(Mode.Max, BestScope.Last, 0)]
    [InlineData(Mode.Max, BestScope.All, 1)]
    public void Best_ModeAndScope_DecideWhichTrial(Mode mode, BestScope scope, int expected)
    {
        var controller = new TuneController(Plain with { Mode = mode, BestScope = scope }, []);
        controller.Start(4);
        Assert.Null(controller.Best);
        controller.Report(0, 1, Loss(1));
        controller.Report(0, 2, Loss(6));
        controller.Report(1, 1, Loss(9));
        controller.Report(1, 2, Loss(5));
        controller.Report(2, 1, Loss(double.NaN));
        controller.Report(3, 1, Loss(mode == Mode.Min ? double.NegativeInfinity : double.PositiveInfinity));
        Assert.Equal(expected, controller.Best?.Index);
    }

    [Fact]
    public void Report_WhileToldToWait_OnlyTheSameIterationIsTaken()
    {
        var controller = new TuneController(Config with { Scheduler = new Asha { Reproducible = true } }, []);
        controller.Start(2);
        Assert.Equal([0], controller.Report(1, 1, Loss(2)).WaitsFor);
        Assert.Equal(DecisionKind.Wait, controller.Report(1, 1, Loss(2)).Kind);
        var error = Assert.Throws<InvalidOperationException>(() => controller.Report(1, 2, Loss(2)));
        Assert.Contains(
            "Trial 1 reported iteration 2, but was told at iteration 1 to wait for trials 0",
            error.Message
        );

        controller.Report(0, 1, Loss(1));

        var resolved = Assert.Single(controller.TakeResolved());
        Assert.Equal((1, DecisionKind.Stop), (resolved.TrialIndex, resolved.Decision.Kind));
        Assert.Equal(resolved.Decision, controller.Trials[1].Decision);
        Assert.Empty(controller.TakeResolved());
    }

    [Fact]
    public void Fail_WhileWaited_FreesTheWaitingTrial()
    {
        var controller = new TuneController(Config with { Scheduler = new Asha { Reproducible = true } }, []);
        controller.Start(2);
        controller.Report(1, 1, Loss(2));
        controller.Fail(0, "lost");
        Assert.Equal(DecisionKind.Continue, Assert.Single(controller.TakeResolved()).Decision.Kind);
    }

    [Fact]
    public void Fail_DecisionNotYetTaken_IsNotHandedOut()
    {
        var config = Config with
        {
            Scheduler = new Asha { Reproducible = true },
            MaxFailures = 1,
        };
        var controller = new TuneController(config, []);
        controller.Start(2);
        controller.Report(1, 1, Loss(2));
        controller.Report(0, 1, Loss(3));
        controller.Fail(1, "lost");
        Assert.Empty(controller.TakeResolved());
        Assert.Equal(TrialState.Pending, controller.Trials[1].State);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Reproducible_RandomTimingsAndSlots_GiveTheSameOutcomes(int brackets)
    {
        var asha = new Asha
        {
            MaxIterations = 20,
            ReductionFactor = 2,
            Brackets = brackets,
            Reproducible = true,
        };
        var config = Config with { Scheduler = asha };
        var expected = Outcomes(Run(config, slots: 1, timingSeed: 0));
        Assert.Equal(40, expected.Count);
        Assert.Contains(expected, outcome => outcome.Contains("worse than the cutoff", StringComparison.Ordinal));
        Assert.Contains(expected, outcome => outcome.Contains("reached Asha.MaxIterations", StringComparison.Ordinal));
        Assert.Contains(expected, outcome => outcome.Contains("is NaN", StringComparison.Ordinal));
        for (var timing = 1; timing <= 60; timing++)
        {
            Assert.Equal(expected, Outcomes(Run(config, 1 + (timing % 12), timing)));
        }
    }

    [Fact]
    public void NotReproducible_RandomTimings_GiveOtherOutcomes()
    {
        // The counterpart of the test above: the simulation is such that timing matters unless it is ruled out.
        var outcomes = Enumerable.Range(0, 5).Select(timing => string.Join('\n', Outcomes(Run(Config, 8, timing))));
        Assert.True(outcomes.Distinct().Count() > 1);
    }

    [Fact]
    public void Reproducible_TrialsThatFail_NeverDeadlock()
    {
        var config = Config with
        {
            Scheduler = new Asha { Reproducible = true },
            MaxFailures = 2,
        };
        for (var timing = 0; timing < 30; timing++)
        {
            var controller = Run(config, 1 + (timing % 5), timing, failureRate: 0.1);
            Assert.All(controller.Trials, trial => Assert.True(trial.HasEnded));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Load_BeforeEveryTurn_GivesTheSameContinuation(bool reproducible)
    {
        var asha = new Asha
        {
            MaxIterations = 20,
            ReductionFactor = 2,
            Reproducible = reproducible,
        };
        var config = Config with { Scheduler = asha, Samples = 15, MaxFailures = 1 };

        var straight = Run(config, 4, 7, failureRate: 0.02);
        var reloaded = Run(config, 4, 7, c => TuneController.Load(config, [], c.SaveState()), failureRate: 0.02);

        Assert.Equal(straight.SaveState(), reloaded.SaveState());
        Assert.Equal(straight.Best?.Index, reloaded.Best?.Index);
    }

    [Fact]
    public void Load_SpecialValuesAndUnheardDecisions_Survive()
    {
        var config = Config with { Scheduler = new Asha { Reproducible = true } };
        var controller = new TuneController(config, []);
        controller.Start(3);
        var metrics = new Dictionary<string, double> { ["loss"] = double.NegativeInfinity, ["other"] = double.NaN };
        controller.Report(1, 1, metrics);
        controller.Report(0, 1, Loss(1));

        var loaded = TuneController.Load(config, [], controller.SaveState());

        Assert.Equal(metrics, loaded.Trials[1].Reports[0].Metrics);
        Assert.Equal(1, Assert.Single(loaded.TakeResolved()).TrialIndex);
        Assert.Equal(3, loaded.RunningCount);
    }

    [Fact]
    public void Load_MoreSamples_ExtendsTheSearch()
    {
        var space = new SearchSpace<Parameters>().Grid(p => p.BatchSize, 1, 2).Uniform(p => p.LearningRate, 0, 1);
        var once = Plain with { Samples = 1 };
        var controller = new TuneController(once, space.Dimensions);
        controller.Start(9);
        controller.Complete(0);
        controller.Complete(1);
        Assert.True(controller.IsFinished);

        var thrice = Plain with { Samples = 3 };
        var extended = TuneController.Load(thrice, space.Dimensions, controller.SaveState());
        Assert.False(extended.IsFinished);
        extended.Start(9);

        var fresh = new TuneController(thrice, space.Dimensions);
        fresh.Start(9);
        Assert.Equal(fresh.Trials.Select(t => t.Configuration), extended.Trials.Select(t => t.Configuration));
    }

    [Fact]
    public void Load_OfAnotherSearch_IsRefused()
    {
        var state = Started(1).SaveState();
        var error = Assert.Throws<ArgumentException>(() => TuneController.Load(Plain with { Seed = 8 }, [], state));
        Assert.Contains(
            "metric 'loss', mode Min, seed 0, but this one has metric 'loss', mode Min, seed 8",
            error.Message
        );
        var space = Assert.Throws<ArgumentException>(() =>
            TuneController.Load(Plain, [new UniformDomain("x", 0, 1)], state)
        );
        Assert.Contains("and another search space", space.Message);
        var broken = Assert.Throws<ArgumentException>(() => TuneController.Load(Plain, [], "{"));
        Assert.Contains("The saved search state cannot be read", broken.Message);
    }

    [Fact]
    public void Searcher_ReportsAndEnds_AreObserved()
    {
        var searcher = new RecordingSearch();
        var controller = new TuneController(Plain with { Searcher = searcher, MaxFailures = 0 }, []);
        controller.Start(2);
        controller.Report(0, 1, Loss(3));
        controller.Complete(0);
        controller.Fail(1, "lost");
        controller.Start(1);
        Assert.True(controller.IsFinished);
        Assert.Equal(
            [(0, 1, 3, TrialState.Running), (0, 1, 3, TrialState.Completed), (1, 0, double.NaN, TrialState.Failed)],
            searcher.Seen.Select(o => (o.TrialIndex, o.Iteration, o.Value, o.State))
        );
    }

    private static TuneController Started(int slots)
    {
        var controller = new TuneController(Plain, []);
        controller.Start(slots);
        return controller;
    }

    // A user's own algorithm: it does not know beforehand that it will suggest two trials.
    private sealed class RecordingSearch : ISearchAlgorithm, ISearcher
    {
        public List<Observation> Seen { get; } = [];
        public int? TrialCount => null;

        public ISearcher Create(IReadOnlyList<Domain> dimensions, int samples, Mode mode, long seed) => this;

        public Configuration? Suggest(int trialIndex) => trialIndex < 2 ? Configuration.Empty : null;

        public void Observe(Observation observation) => Seen.Add(observation);

        public string SaveState() => "";

        public void LoadState(string state) { }
    }
}
