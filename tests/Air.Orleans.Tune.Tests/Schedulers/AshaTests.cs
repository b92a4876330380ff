using System.Text.Json;

namespace Air.Orleans.Tune.Tests;

public sealed class AshaTests
{
    [Theory]
    [InlineData(100, 1, 4, 0, new[] { 1, 4, 16, 64 })]
    [InlineData(81, 1, 3, 0, new[] { 1, 3, 9, 27, 81 })]
    [InlineData(81, 1, 3, 1, new[] { 3, 9, 27, 81 })]
    [InlineData(81, 1, 3, 2, new[] { 9, 27, 81 })]
    [InlineData(243, 1, 3, 0, new[] { 1, 3, 9, 27, 81, 243 })]
    [InlineData(1000, 1, 10, 0, new[] { 1, 10, 100, 1000 })]
    [InlineData(50, 7, 2, 0, new[] { 7, 14, 28 })]
    [InlineData(int.MaxValue, 1 << 30, 4, 0, new[] { 1 << 30 })]
    public void Milestones_KnownSettings_AreThePublishedRungs(int max, int grace, int factor, int bracket, int[] rungs)
    {
        var asha = new Asha
        {
            MaxIterations = max,
            GracePeriod = grace,
            ReductionFactor = factor,
            Brackets = bracket + 1,
        };
        Assert.Equal(rungs, asha.Milestones(bracket));
    }

    [Fact]
    public void Asha_Defaults_AreRays()
    {
        var asha = new Asha();
        Assert.Equal((100, 1, 4, 1), (asha.MaxIterations, asha.GracePeriod, asha.ReductionFactor, asha.Brackets));
        Assert.False(asha.Reproducible);
    }

    [Theory]
    [InlineData(0.39, DecisionKind.Stop)]
    [InlineData(0.40, DecisionKind.Continue)]
    public void OnReport_FiveValuesRecorded_CutsAtTheInterpolatedPercentile(double value, DecisionKind expected)
    {
        var maximum = Recorded(Mode.Max, [0.1, 0.2, 0.3, 0.4, 0.5]);
        Assert.Equal(expected, maximum.OnReport(5, 1, value).Kind);
        var minimum = Recorded(Mode.Min, [-0.1, -0.2, -0.3, -0.4, -0.5]);
        Assert.Equal(expected, minimum.OnReport(5, 1, -value).Kind);
    }

    [Theory]
    [InlineData(1.74, DecisionKind.Stop)]
    [InlineData(1.75, DecisionKind.Continue)]
    public void OnReport_TwoValuesRecorded_InterpolatesBetweenThem(double value, DecisionKind expected) =>
        Assert.Equal(expected, Recorded(Mode.Max, [1, 2]).OnReport(2, 1, value).Kind);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void OnReport_ManyTrials_AgreesWithThePercentileByDefinition(int factor)
    {
        var scheduler = new Asha { ReductionFactor = factor }.Create(Mode.Max, 0);
        var random = new Random(factor);
        var recorded = new List<double>();
        for (var trial = 0; trial < 300; trial++)
        {
            var value = random.NextDouble();
            var position = (recorded.Count - 1) * (1 - (1.0 / factor));
            var sorted = recorded.Order().ToList();
            var isStopped =
                trial > 0
                && value
                    < sorted[(int)position]
                        + ((position % 1) * (sorted[(int)Math.Ceiling(position)] - sorted[(int)position]));
            Assert.Equal(isStopped, scheduler.OnReport(trial, 1, value).Kind == DecisionKind.Stop);
            recorded.Add(value);
        }
    }

    [Fact]
    public void OnReport_Stop_SaysValueRungAndCutoff()
    {
        var decision = Recorded(Mode.Min, [1, 2]).OnReport(2, 1, 3);
        Assert.Equal("value 3 at iteration 1 is worse than the cutoff 1.25, the best 1/4 of 2 trials", decision.Reason);
        Assert.False(decision.IsBudgetSpent);
    }

    [Fact]
    public void OnReport_FirstAtARung_Passes() =>
        Assert.Equal(DecisionKind.Continue, new Asha().Create(Mode.Max, 0).OnReport(0, 1, -1e9).Kind);

    [Fact]
    public void OnReport_BetweenRungs_IsNotCompared()
    {
        var scheduler = Recorded(Mode.Max, [1, 2]);
        Assert.Equal(DecisionKind.Continue, scheduler.OnReport(1, 2, -100).Kind);
        Assert.Equal(DecisionKind.Continue, scheduler.OnReport(1, 3, -100).Kind);
    }

    [Fact]
    public void OnReport_RungsJumped_RecordsAtTheHighestOnly()
    {
        var scheduler = new Asha().Create(Mode.Max, 0);
        scheduler.OnReport(0, 20, 10);
        // Rung 16 holds 10; rungs 1 and 4 hold nothing, so a newcomer passes them.
        Assert.Equal(DecisionKind.Continue, scheduler.OnReport(1, 1, 0).Kind);
        Assert.Equal(DecisionKind.Continue, scheduler.OnReport(1, 5, 0).Kind);
        Assert.Equal(DecisionKind.Stop, scheduler.OnReport(1, 16, 0).Kind);
        // What trial 0 reports next is not recorded at the rungs it jumped.
        scheduler.OnReport(0, 21, 50);
        Assert.Equal(DecisionKind.Continue, scheduler.OnReport(2, 1, 0).Kind);
    }

    [Fact]
    public void OnReport_MaxIterations_EndsWithTheBudgetSpent()
    {
        var decision = new Asha { MaxIterations = 9 }
            .Create(Mode.Max, 0)
            .OnReport(0, 9, 5);
        Assert.Equal(DecisionKind.Stop, decision.Kind);
        Assert.True(decision.IsBudgetSpent);
        Assert.Equal("iteration 9 reached Asha.MaxIterations (9)", decision.Reason);
    }

    [Fact]
    public void OnReport_NaN_StopsAndIsNotRecorded()
    {
        var scheduler = new Asha().Create(Mode.Max, 0);
        var decision = scheduler.OnReport(0, 2, double.NaN);
        Assert.Equal((DecisionKind.Stop, "the value at iteration 2 is NaN"), (decision.Kind, decision.Reason));
        Assert.Equal(DecisionKind.Continue, scheduler.OnReport(1, 1, -5).Kind);
    }

    [Fact]
    public void OnReport_InfiniteValues_AreComparedLikeOthers()
    {
        var inf = double.PositiveInfinity;
        Assert.Equal(DecisionKind.Stop, Recorded(Mode.Min, [1, 2]).OnReport(2, 1, inf).Kind);
        // Scores -inf, -inf, 1: the cutoff lies half way between -inf and 1, and the upper neighbour stands.
        Assert.Equal(DecisionKind.Stop, Recorded(Mode.Max, [-inf, -inf, 1]).OnReport(3, 1, 0).Kind);
        Assert.Equal(DecisionKind.Continue, Recorded(Mode.Max, [-inf, -inf, 1]).OnReport(3, 1, 1).Kind);
        Assert.Equal(DecisionKind.Continue, Recorded(Mode.Max, [-inf, -inf]).OnReport(2, 1, -inf).Kind);
    }

    [Fact]
    public void OnReport_SameReportAgain_GivesTheSameDecisionAndRecordsOnce()
    {
        var scheduler = Recorded(Mode.Max, [1, 2]);
        Assert.Equal(DecisionKind.Stop, scheduler.OnReport(2, 1, 0).Kind);
        Assert.Equal(DecisionKind.Continue, scheduler.OnReport(3, 1, 9).Kind);
        var before = scheduler.SaveState();
        Assert.Equal(DecisionKind.Stop, scheduler.OnReport(2, 1, 0).Kind);
        Assert.Equal(DecisionKind.Continue, scheduler.OnReport(3, 1, 9).Kind);
        Assert.Equal(before, scheduler.SaveState());
    }

    [Fact]
    public void BracketOf_ManyTrials_FollowsRaysOdds()
    {
        var asha = new Asha
        {
            MaxIterations = 81,
            ReductionFactor = 3,
            Brackets = 3,
        };
        var scheduler = (AshaScheduler)asha.Create(Mode.Min, 3);
        var counts = Enumerable.Range(0, 20_000).CountBy(scheduler.BracketOf).ToDictionary();
        // The standard error of a share is below 0.0034.
        Assert.Equal(0.665, counts[0] / 20_000.0, 0.015);
        Assert.Equal(0.245, counts[1] / 20_000.0, 0.015);
        Assert.Equal(0.090, counts[2] / 20_000.0, 0.015);
    }

    [Fact]
    public void FindFaults_EverySettingWrong_NamesEach()
    {
        var wrong = new Asha
        {
            MaxIterations = 0,
            GracePeriod = 0,
            ReductionFactor = 1,
            Brackets = 0,
        };
        var error = Assert.Throws<ArgumentException>(() => wrong.Create(Mode.Min, 0));
        Assert.Contains("Asha has 4 faults:", error.Message);
        Assert.Contains("Asha.GracePeriod is 0", error.Message);
        Assert.Contains("Asha.MaxIterations is 0", error.Message);
        Assert.Contains("Asha.ReductionFactor is 1", error.Message);
        Assert.Contains("Asha.Brackets is 0", error.Message);
        var many = Assert.Throws<ArgumentException>(() => new Asha { Brackets = 5 }.Create(Mode.Min, 0));
        Assert.Contains("there are only 4 rungs (1, 4, 16, 64)", many.Message);
    }

    [Fact]
    public void LoadState_InTheMiddle_GivesTheSameContinuation()
    {
        foreach (var reproducible in new[] { false, true })
        {
            var asha = new Asha { Brackets = 2, Reproducible = reproducible };
            var whole = asha.Create(Mode.Max, 1);
            var random = new Random(1);
            for (var step = 0; step < 400; step++)
            {
                var saved = asha.Create(Mode.Max, 1);
                saved.LoadState(whole.SaveState());
                var (trial, iteration) = (random.Next(30), 1 + random.Next(99));
                var value = random.Next(5) == 0 ? double.NegativeInfinity : random.NextDouble();
                var expected = whole.OnReport(trial, iteration, value);
                var actual = saved.OnReport(trial, iteration, value);
                Assert.Equal((expected.Kind, expected.Reason), (actual.Kind, actual.Reason));
                Assert.Equal(expected.WaitsFor, actual.WaitsFor);
                Assert.Equal(whole.SaveState(), saved.SaveState());
            }
        }
    }

    [Fact]
    public void LoadState_OfOtherSettings_IsRefused()
    {
        var state = new Asha().Create(Mode.Max, 1).SaveState();
        var error = Assert.Throws<ArgumentException>(() =>
            new Asha { GracePeriod = 2 }
                .Create(Mode.Max, 1)
                .LoadState(state)
        );
        Assert.Contains("Resume with the same TuneConfig", error.Message);
        Assert.Throws<ArgumentException>(() => new Asha().Create(Mode.Min, 1).LoadState(state));
        Assert.Throws<ArgumentException>(() => new Asha().Create(Mode.Max, 1).LoadState("{}"));
    }

    [Fact]
    public void Reproducible_HigherTrialFirst_WaitsForTheLowerOnes()
    {
        var scheduler = new Asha { Reproducible = true }.Create(Mode.Max, 0);
        var wait = scheduler.OnReport(2, 1, 0.5);
        Assert.Equal(DecisionKind.Wait, wait.Kind);
        Assert.Equal([0, 1], wait.WaitsFor);
        Assert.Equal(DecisionKind.Continue, scheduler.OnReport(0, 1, 0.9).Kind);
        Assert.Equal([1], scheduler.OnReport(2, 1, 0.5).WaitsFor);
        scheduler.OnEnd(1);
        Assert.Equal(DecisionKind.Stop, scheduler.OnReport(2, 1, 0.5).Kind);
    }

    [Fact]
    public void Reproducible_HigherTrialIsBetter_DoesNotCountForTheLower()
    {
        var scheduler = new Asha { Reproducible = true }.Create(Mode.Max, 0);
        scheduler.OnReport(1, 1, 0.9);
        Assert.Equal(DecisionKind.Continue, scheduler.OnReport(0, 1, 0.1).Kind);
        Assert.Equal(DecisionKind.Continue, scheduler.OnReport(1, 1, 0.9).Kind);
    }

    [Fact]
    public void Reproducible_TrialEndedWhileWaiting_CountsButIsNotJudged()
    {
        var scheduler = new Asha { Reproducible = true }.Create(Mode.Max, 0);
        scheduler.OnReport(1, 1, 0.5);
        scheduler.OnEnd(1);
        scheduler.OnReport(0, 1, 0.9);
        Assert.Equal("the trial has ended before", scheduler.OnReport(1, 1, 0.5).Reason);
        // The cutoff of 0.5 and 0.9 is 0.8: both were recorded.
        Assert.Contains("cutoff 0.8, the best 1/4 of 2 trials", scheduler.OnReport(2, 1, 0.7).Reason);
    }

    [Fact]
    public void Fifo_AnyReport_Continues()
    {
        var scheduler = new Fifo().Create(Mode.Min, 0);
        scheduler.OnReport(0, 1, 0);
        scheduler.OnEnd(0);
        scheduler.LoadState(scheduler.SaveState());
        Assert.Equal(DecisionKind.Continue, scheduler.OnReport(1, 1_000_000, double.NaN).Kind);
        Assert.Throws<ArgumentOutOfRangeException>(() => scheduler.OnReport(1, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => scheduler.OnReport(-1, 1, 1));
    }

    [Fact]
    public void Json_ThroughTheInterface_KeepsTheSettings()
    {
        var asha = new Asha { GracePeriod = 3, Reproducible = true };
        var json = JsonSerializer.Serialize<ITrialScheduler>(asha);
        Assert.Equal(asha, JsonSerializer.Deserialize<ITrialScheduler>(json));
    }

    [Fact]
    public void Wait_NoTrials_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => Decision.Wait([]));
        Assert.Contains("A wait names no trials", error.Message);
    }

    // Trials 0, 1, ... with these values at the first rung, whatever was decided about them.
    private static TrialScheduler Recorded(Mode mode, double[] values)
    {
        var scheduler = new Asha().Create(mode, 0);
        for (var i = 0; i < values.Length; i++)
        {
            scheduler.OnReport(i, 1, values[i]);
        }

        return scheduler;
    }
}
