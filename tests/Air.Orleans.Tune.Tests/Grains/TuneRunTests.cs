using Air.Orleans.Tune.Tests.Cluster;

namespace Air.Orleans.Tune.Tests.Grains;

public sealed class TuneRunTests : IAsyncLifetime
{
    private static readonly TuneConfig Config = new() { Metric = "loss", Mode = Mode.Min };

    private readonly TuneFolder _folder = new();
    private TestHost _air = null!;

    public async Task InitializeAsync() => _air = await TestHost.StartAsync(_folder.Path);

    public async Task DisposeAsync()
    {
        await _air.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task FitAsync_RandomSearch_GivesTheBestTrialAndItsParameters()
    {
        var grid = await FitAsync(Config with { Samples = 8 }, Space.Uniform(p => p.Rate, 0, 1));
        Assert.Equal(8, grid.Trials.Count);
        Assert.Equal(grid.Trials.Min(trial => trial.Parameters.Rate), grid.Best.Parameters.Rate);
        Assert.All(grid.Trials, trial => Assert.Equal(TrialState.Completed, trial.State));
        Assert.All(grid.Trials, trial => Assert.Equal([1, 2, 3], trial.History.Select(report => report.Iteration)));
        Assert.All(grid.Trials, trial => Assert.Equal(trial.Parameters.LossAt(3), trial.Metrics["loss"]));
        Assert.Equal($"{grid.Name}/{grid.Best.Index}", grid.Best.Name);
        Assert.Equal($"{grid.Best.Name}-0@3", grid.Best.Checkpoint?.Id);
        Assert.Empty(grid.Errors);
    }

    [Fact]
    public async Task FitAsync_PropertyWithANameInJson_ReachesTheRun()
    {
        var grid = await FitAsync(Config with { Metric = "error" }, Space.Choice(p => p.Metric, "error"));
        Assert.Equal(1.5, grid.Best.History[0].Metrics["error"]);
    }

    [Fact]
    public async Task FitAsync_OneTrialFails_TheOthersGoOn()
    {
        var grid = await FitAsync(Config, Space.Grid(p => p.FailAt, 0, 2, 0));
        Assert.Equal(
            [TrialState.Completed, TrialState.Failed, TrialState.Completed],
            grid.Trials.Select(trial => trial.State)
        );
        Assert.Equal($"Run '{grid.Name}/1-0' fails by its script.", Assert.Single(grid.Errors).Value);
        Assert.Equal(1, Assert.Single(grid.Trials[1].History).Iteration);
        Assert.NotNull(grid.Trials[1].Checkpoint);
        Assert.Equal(0, grid.Best.Index);
    }

    [Fact]
    public async Task Best_EveryTrialFailed_ListsEveryError()
    {
        var grid = await FitAsync(Config with { Samples = 2 }, Space, new() { FailAt = 1 });
        var error = Assert.Throws<TuneException>(() => grid.Best);
        Assert.Contains("None of the 2 trials", error.Message);
        Assert.Contains("- trial 0: Run ", error.Message);
        Assert.Contains("- trial 1: Run ", error.Message);
    }

    [Fact]
    public async Task FitAsync_FailureWithinMaxFailures_IsTriedAgain()
    {
        var grid = await FitAsync(Config with { MaxFailures = 1 }, Space, new() { FailAt = 2, FailingAttempts = 1 });
        Assert.Equal(TrialState.Completed, grid.Best.State);
        Assert.Equal(3, grid.Best.History.Count);
        Assert.Contains("fails by its script", grid.Best.Error);
        Assert.Equal($"{grid.Best.Name}-1@3", grid.Best.Checkpoint?.Id);
    }

    [Fact]
    public async Task FitAsync_TrialTriedAgain_GoesOnFromItsLatestCheckpoint()
    {
        // Were it to begin at iteration 1 again, it would stand at the gate once more.
        var gate = _air.Runs.HoldAt(0, 1);
        var fitting = FitAsync(Config with { MaxFailures = 1 }, Space, new() { FailAt = 3, FailingAttempts = 1 });
        await gate.ArrivalAsync();
        gate.Release();
        var grid = await fitting;
        Assert.Equal([1, 2, 3], grid.Best.History.Select(report => report.Iteration));
        Assert.Equal(
            [$"{grid.Best.Name}-0: 1", $"{grid.Best.Name}-0: 2", $"{grid.Best.Name}-0: 3", $"{grid.Best.Name}-1: 3"],
            _air.Runs.Passed
        );
    }

    [Fact]
    public async Task FitAsync_TrialWithoutResourcesThatOthersWaitFor_GetsTheirsAndTheSameEnd()
    {
        var expected = Outcomes(await FitAsync(Reproducible, Rates, Long));
        var gate = _air.Runs.HoldAt(0, 2);
        var tuner = Tuner(Reproducible with { MaxConcurrent = 4 }, Rates, Long) with { Name = "starved" };
        _air.Runs.Starve("starved/0-0");
        var ended = _air.Runs.EndOf("starved/3-0");
        var fitting = _air.FitAsync(tuner);
        await gate.ArrivalAsync();
        await ended.WaitAsync(Limit);
        _air.Runs.Feed("starved/0-0");
        gate.Release();
        Assert.Equal(expected, Outcomes(await fitting.WaitAsync(Limit)));
    }

    [Fact]
    public async Task FitAsync_TrialThatGaveWayEndsAfterAllDecisions_ItsCheckpointIsInTheResult()
    {
        var space = Space.Grid(p => p.Rate, 0.1, 0.2, 0.3, 0.9);
        // Each has a checkpoint of its first iteration when it comes to wait at the second.
        var config = Reproducible with
        {
            Samples = 1,
            MaxConcurrent = 4,
            Scheduler = new Asha
            {
                MaxIterations = 8,
                GracePeriod = 2,
                ReductionFactor = 2,
                Reproducible = true,
            },
        };
        var tuner = Tuner(config, space, Long) with { Name = "leaving" };
        var gate = _air.Runs.HoldAt(0, 1);
        var ending = _air.Runs.HoldEndOf("leaving/3-0");
        _air.Runs.Starve("leaving/0-0");
        var seen = new Seen();
        var decided = seen.When(progress =>
            progress.Trials.Count == 4
            && progress.Trials.All(trial => trial.State is TrialState.Completed or TrialState.Stopped)
        );
        var fitting = _air.FitAsync(tuner, seen);
        await Task.WhenAll(gate.ArrivalAsync(), ending.ArrivalAsync());
        _air.Runs.Feed("leaving/0-0");
        gate.Release();
        await decided.WaitAsync(Limit);
        ending.Release();

        var grid = await fitting.WaitAsync(Limit);
        Assert.Equal((TrialState.Stopped, 2), (grid.Trials[3].State, grid.Trials[3].History.Count));
        Assert.StartsWith("leaving/3-0@", grid.Trials[3].Checkpoint?.Id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_OfASearch_ListItAloneAndDeleteFreesItsName()
    {
        var tuner = Tuner(Config with { Samples = 2 }, Rates) with { Name = "listed" };
        await _air.FitAsync(tuner).WaitAsync(Limit);
        var runs = new RunsDoor(_air);
        Assert.Equal("listed", Assert.Single(await runs.ListAsync()).Name);
        var info = await runs.GetAsync("listed");
        Assert.Equal(("listed", RunKind.Tune, RunState.Succeeded), (info.Name, info.Kind, info.State));
        await runs.DeleteAsync("listed");
        Assert.Empty(await runs.ListAsync());
        await _air.FitAsync(tuner).WaitAsync(Limit);
        Assert.Equal(4, _air.Runs.Began.Count);
    }

    [Fact]
    public async Task Runs_SearchOfAClusterThatWasLost_IsInterruptedUntilItIsResumed()
    {
        var gate = _air.Runs.HoldAt(0, 2);
        var tuner = Tuner(Config, Rates) with { Name = "lost" };
        var abandoned = _air.FitAsync(tuner);
        await gate.ArrivalAsync();
        await _air.KillAsync();
        await _air.DisposeAsync();

        _air = await TestHost.StartAsync(_folder.Path);
        var runs = new RunsDoor(_air);
        Assert.Equal(RunState.Interrupted, (await runs.WaitAsync("lost").WaitAsync(Limit)).State);
        Assert.Empty(_air.Runs.Began);
        await runs.ResumeAsync("lost");
        Assert.Equal(RunState.Succeeded, (await runs.WaitAsync("lost").WaitAsync(Limit)).State);
        var error = await Assert.ThrowsAsync<AirException>(() => runs.ResumeAsync("lost"));
        Assert.Contains("has ended (Succeeded)", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => abandoned.WaitAsync(Limit));
    }

    [Fact]
    public async Task FitAsync_MissingMetric_FailsTheTrialWithWhatToDo()
    {
        var grid = await FitAsync(Config, Space, new() { Metric = "los" });
        Assert.Equal(TrialState.Failed, grid.Trials[0].State);
        Assert.Equal(
            "Metric 'loss' is not in the report of trial 0 at iteration 1 (reported: 'los'). Report it, or change "
                + "TuneConfig.Metric. Did you mean 'los'?",
            grid.Errors[0]
        );
    }

    [Fact]
    public async Task FitAsync_RunThatCannotBeStarted_FailsItsTrial()
    {
        var broken = new Tuner<TestParameters>(new TestTrainable { RunGrain = "test.none" }, Space) { Config = Config };
        var grid = await _air.FitAsync(broken).WaitAsync(Limit);
        Assert.Contains("could not be started", grid.Errors[0]);
    }

    [Fact]
    public async Task FitAsync_Asha_StopsWorseTrials()
    {
        var asha = new Asha { MaxIterations = 4, ReductionFactor = 2 };
        var config = Config with { Scheduler = asha, MaxConcurrent = 1 };
        var grid = await FitAsync(config, Space.Grid(p => p.Rate, 0.1, 0.2, 0.3), new() { Iterations = 9 });
        Assert.Equal(
            [TrialState.Completed, TrialState.Stopped, TrialState.Stopped],
            grid.Trials.Select(trial => trial.State)
        );
        Assert.Equal([4, 1, 1], grid.Trials.Select(trial => trial.History.Count));
        Assert.Contains("worse than the cutoff", grid.Trials[1].StopReason);
        Assert.Empty(grid.Errors);
    }

    [Fact]
    public async Task FitAsync_MaxConcurrent_IsReachedAndNeverPassed()
    {
        var gates = new[] { _air.Runs.HoldAt(0, 1), _air.Runs.HoldAt(1, 1) };
        var fitting = FitAsync(Config with { Samples = 6, MaxConcurrent = 2 }, Space);
        await Task.WhenAll(gates.Select(gate => gate.ArrivalAsync()));
        Array.ForEach(gates, gate => gate.Release());
        Assert.Equal(6, (await fitting).Trials.Count);
        Assert.Equal(2, _air.Runs.MostAtOnce);
    }

    [Fact]
    public async Task FitAsync_NoMaxConcurrent_RunsAsManyAsTheResourcesAllow()
    {
        var gates = Enumerable.Range(0, 4).Select(trial => _air.Runs.HoldAt(trial, 1)).ToArray();
        var fitting = FitAsync(Config with { Samples = 6 }, Space);
        await Task.WhenAll(gates.Select(gate => gate.ArrivalAsync()));
        Array.ForEach(gates, gate => gate.Release());
        await fitting;
        Assert.Equal(4, _air.Runs.MostAtOnce);
    }

    [Fact]
    public async Task FitAsync_ReproducibleAsha_DecidesAlikeHoweverTrialsTakeTurns()
    {
        var expected = Outcomes(await FitAsync(Reproducible with { MaxConcurrent = 1 }, Rates, Long));
        Assert.Contains(expected, outcome => outcome.Contains("Stopped"));
        Assert.Contains(expected, outcome => outcome.Contains("Completed"));
        for (var seed = 0; seed < 3; seed++)
        {
            _air.Runs.Jitter = new Random(seed);
            Assert.Equal(expected, Outcomes(await FitAsync(Reproducible, Rates, Long)));
        }
    }

    [Fact]
    public async Task FitAsync_Progress_EndsWithAllTrialsEnded()
    {
        var seen = new Seen();
        await _air.FitAsync(Tuner(Config with { Samples = 3 }, Rates), seen).WaitAsync(Limit);
        Assert.Equal(3, seen.Last?.TrialCount);
        Assert.Equal([0, 1, 2], seen.Last?.Trials.Select(trial => trial.Index));
        Assert.All(seen.Last!.Trials, trial => Assert.Equal((TrialState.Completed, 3), (trial.State, trial.Iteration)));
        Assert.Contains("\"Rate\":", seen.Last.Trials[0].Configuration);
    }

    [Fact]
    public async Task FitAsync_Cancelled_StopsTrialsAndKeepsWhatTheyReported()
    {
        var tuner = Tuner(Config with { Samples = 5, MaxConcurrent = 1 }, Space) with { Name = "cancelled" };
        var gate = _air.Runs.HoldAt(1, 2);
        using var cancelling = new CancellationTokenSource();
        var fitting = _air.FitAsync(tuner, cancellationToken: cancelling.Token);
        await gate.ArrivalAsync();
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fitting.WaitAsync(Limit));

        var grid = await _air.FitAsync(tuner).WaitAsync(Limit);
        Assert.Equal([TrialState.Completed, TrialState.Stopped], grid.Trials.Select(trial => trial.State));
        Assert.Equal([3, 1], grid.Trials.Select(trial => trial.History.Count));
        Assert.Equal("the client cancelled the search", grid.Trials[1].StopReason);
        Assert.Equal(2, _air.Runs.Began.Count);
    }

    [Fact]
    public async Task FitAsync_CancelledWhileATrialWaitsForOthers_StopsItToo()
    {
        var gate = _air.Runs.HoldAt(0, 1);
        using var cancelling = new CancellationTokenSource();
        var seen = new Seen();
        var waiting = seen.When(progress => progress.Trials.Any(trial => trial is { Index: 1, Iteration: 1 }));
        var tuner = Tuner(Reproducible with { MaxConcurrent = 2 }, Rates, Long) with { Name = "waiting" };
        var fitting = _air.FitAsync(tuner, seen, cancelling.Token);
        await waiting.WaitAsync(Limit);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fitting.WaitAsync(Limit));

        var grid = await _air.FitAsync(tuner).WaitAsync(Limit);
        Assert.Equal([TrialState.Stopped, TrialState.Stopped], grid.Trials.Select(trial => trial.State));
    }

    [Fact]
    public async Task FitAsync_SameNameOfAnotherTrainable_SaysSo()
    {
        var tuner = Tuner(Config, Space) with { Name = "taken" };
        await _air.FitAsync(tuner).WaitAsync(Limit);
        var other = new Tuner<TestParameters>(new TestTrainable { Specification = [2] }, Space)
        {
            Config = Config,
            Name = "taken",
        };
        var error = await Assert.ThrowsAsync<TuneException>(() => _air.FitAsync(other).WaitAsync(Limit));
        Assert.Contains("There is a search 'taken' already", error.Message);
        Assert.Single((await _air.FitAsync(tuner).WaitAsync(Limit)).Trials);
        Assert.Single(_air.Runs.Began);
    }

    [Fact]
    public async Task FitAsync_SearchIsDeactivated_GoesOnWhereItStood()
    {
        var gates = new[] { _air.Runs.HoldAt(0, 2), _air.Runs.HoldAt(1, 3) };
        var tuner = Tuner(Config with { Samples = 3, MaxConcurrent = 2 }, Rates) with { Name = "moved" };
        var fitting = _air.FitAsync(tuner);
        await Task.WhenAll(gates.Select(gate => gate.ArrivalAsync()));
        var run = _air.Grains.GetGrain<Tune.Grains.ITuneRunGrain>("moved");
        await run.AsReference<IGrainManagementExtension>().DeactivateOnIdle();
        Array.ForEach(gates, gate => gate.Release());
        var grid = await fitting.WaitAsync(Limit);
        Assert.All(grid.Trials, trial => Assert.Equal(3, trial.History.Count));
        Assert.Equal(3, _air.Runs.Began.Distinct().Count());
    }

    [Fact]
    public async Task FitAsync_SiloIsKilled_AnotherCarriesTheSearchToTheSameEnd()
    {
        var expected = Outcomes(await FitAsync(Reproducible, Rates, Long));
        var tuner = Tuner(Reproducible, Rates, Long) with { Name = "carried" };
        var gate = _air.Runs.HoldAt(0, 2);
        var seen = new Seen();
        var waiting = seen.When(progress => progress.Trials.Any(trial => trial is { Index: > 0, Iteration: 2 }));
        var abandoned = _air.FitAsync(tuner, seen);
        await Task.WhenAll(gate.ArrivalAsync(), waiting.WaitAsync(Limit));
        await _air.KillAsync();
        await _air.DisposeAsync();

        _air = await TestHost.StartAsync(_folder.Path);
        Assert.Equal(expected, Outcomes(await _air.FitAsync(tuner).WaitAsync(Limit)));
        Assert.Contains("carried/0-0", _air.Runs.Began);
        await Assert.ThrowsAnyAsync<Exception>(() => abandoned.WaitAsync(Limit));
    }

    [Fact]
    public async Task FitAsync_SiloIsKilledBeforeReportsAreInTheState_TakesThemFromTheTrials()
    {
        var gates = new[] { _air.Runs.HoldAt(0, 3), _air.Runs.HoldAt(1, 3) };
        var tuner = Tuner(Config with { Samples = 2 }, Rates) with { Name = "journals" };
        var abandoned = _air.FitAsync(tuner);
        await Task.WhenAll(gates.Select(gate => gate.ArrivalAsync()));
        await _air.KillAsync();
        await _air.DisposeAsync();

        _air = await TestHost.StartAsync(_folder.Path);
        var grid = await _air.FitAsync(tuner).WaitAsync(Limit);
        Assert.All(grid.Trials, trial => Assert.Equal([1, 2, 3], trial.History.Select(report => report.Iteration)));
        await Assert.ThrowsAnyAsync<Exception>(() => abandoned.WaitAsync(Limit));
    }

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly TuneConfig Reproducible = Config with
    {
        Samples = 10,
        Scheduler = new Asha
        {
            MaxIterations = 8,
            ReductionFactor = 2,
            Reproducible = true,
        },
    };

    private static SearchSpace<TestParameters> Space => new();

    private static SearchSpace<TestParameters> Rates => Space.Uniform(p => p.Rate, 0, 1);

    private static TestParameters Long => new() { Iterations = 20 };

    private static Tuner<TestParameters> Tuner(
        TuneConfig config,
        SearchSpace<TestParameters> space,
        TestParameters? parameters = null
    ) => new(new TestTrainable { Parameters = parameters ?? new() }, space) { Config = config };

    private static List<string> Outcomes(ResultGrid<TestParameters> grid) =>
        [
            .. grid.Trials.Select(trial =>
                $"{trial.Index} {trial.State} {trial.StopReason} "
                + string.Join(", ", trial.History.Select(report => $"{report.Iteration}: {report.Metrics["loss"]:R}"))
            ),
        ];

    private Task<ResultGrid<TestParameters>> FitAsync(
        TuneConfig config,
        SearchSpace<TestParameters> space,
        TestParameters? parameters = null
    ) => _air.FitAsync(Tuner(config, space, parameters)).WaitAsync(Limit);

    private sealed class Seen : IProgress<TuneProgress>
    {
        private readonly TaskCompletionSource _happened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Func<TuneProgress, bool> _isWanted = _ => false;

        public TuneProgress? Last { get; private set; }

        public Task When(Func<TuneProgress, bool> isWanted)
        {
            _isWanted = isWanted;
            return _happened.Task;
        }

        public void Report(TuneProgress value)
        {
            Last = value;
            if (_isWanted(value))
            {
                _happened.TrySetResult();
            }
        }
    }
}
