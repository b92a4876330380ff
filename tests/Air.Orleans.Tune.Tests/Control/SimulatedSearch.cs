namespace Air.Orleans.Tune.Tests;

/// <summary>Runs a whole search with trials that take random turns; what a trial reports depends on its number alone.</summary>
internal static class SimulatedSearch
{
    public static readonly TuneConfig Config = new()
    {
        Metric = "loss",
        Mode = Mode.Min,
        Samples = 40,
        Scheduler = new Asha { MaxIterations = 20, ReductionFactor = 2 },
    };

    /// <summary>Takes turns until the search is finished; <paramref name="reload"/> sees the controller before each turn.</summary>
    public static TuneController Run(
        TuneConfig config,
        int slots,
        int timingSeed,
        Func<TuneController, TuneController>? reload = null,
        double failureRate = 0
    )
    {
        var controller = new TuneController(config, []);
        var timing = new Random(timingSeed);
        for (var turn = 0; !controller.IsFinished; turn++)
        {
            Assert.True(turn < 100_000, "The search does not come to an end.");
            controller = reload?.Invoke(controller) ?? controller;
            controller.Start(slots - controller.RunningCount);
            Assert.InRange(controller.RunningCount, 0, slots);
            var able = controller
                .Trials.Where(t => t.State == TrialState.Running && t.Decision.Kind != DecisionKind.Wait)
                .ToList();
            Assert.True(able.Count > 0 || controller.IsFinished, "All running trials wait: a deadlock.");
            if (able.Count > 0)
            {
                Step(controller, able[timing.Next(able.Count)], timing, failureRate);
            }
        }

        return controller;
    }

    /// <summary>Gives what became of each trial, with every report and decision.</summary>
    public static List<string> Outcomes(TuneController controller) =>
        [
            .. controller.Trials.Select(t =>
                $"{t.Index} {t.State} {t.Decision.Reason} {string.Join(',', t.Reports.Select(r => r.Metrics["loss"]))}"
            ),
        ];

    public static Dictionary<string, double> Loss(double value) => new() { ["loss"] = value };

    private static void Step(TuneController controller, TrialRecord trial, Random timing, double failureRate)
    {
        var iteration = trial.Reports.IsEmpty ? 1 : trial.Reports[^1].Iteration + 1;
        if (timing.NextDouble() < failureRate)
        {
            controller.Fail(trial.Index, "lost its silo");
        }
        else if (trial.Decision.Kind == DecisionKind.Stop || (trial.Index % 7 == 3 && iteration > 5))
        {
            controller.Complete(trial.Index);
        }
        else
        {
            controller.Report(trial.Index, iteration, Loss(LossOf(trial.Index, iteration)));
        }

        controller.TakeResolved();
    }

    private static double LossOf(int trial, int iteration)
    {
        var random = new SplitMix64(99, trial, "loss");
        return trial % 11 == 10 && iteration == 3 ? double.NaN : random.NextDouble() + (1.0 / iteration);
    }
}
