using Air.Orleans.Tune.Grains;
using static Air.Orleans.Tune.Tests.SimulatedSearch;

namespace Air.Orleans.Tune.Tests;

public sealed class ReportBookTests
{
    private static readonly TuneConfig Reproducible = Config with
    {
        Scheduler = new Asha
        {
            MaxIterations = 8,
            ReductionFactor = 2,
            Reproducible = true,
        },
    };

    [Fact]
    public void Take_SameReportAgain_KeepsItsNumber()
    {
        var (_, book) = Started(2, Config);
        Assert.Equal(1, book.Take(0, 1, Loss(1)).Sequence);
        Assert.Equal(2, book.Take(1, 1, Loss(2)).Sequence);
        Assert.Equal(1, book.Take(0, 1, Loss(1)).Sequence);
        Assert.Equal(3, book.Take(0, 2, Loss(1)).Sequence);
    }

    [Fact]
    public void Replay_ReportsThatTheSavedStateMissed_TakesThemInTheirOrder()
    {
        // Taken in the order of the trials' numbers, trial 1 would be the one to be stopped.
        var (controller, book) = Started(2, Config, sequence: 4);
        var count = book.Replay([(0, Entry(6, 1, 2)), (0, Entry(3, 1, 0)), (1, Entry(5, 1, 1))]);
        Assert.Equal((2, 6), (count, book.Sequence));
        Assert.Equal(DecisionKind.Continue, controller.Trials[1].Decision.Kind);
        Assert.Equal(DecisionKind.Stop, controller.Trials[0].Decision.Kind);
    }

    [Fact]
    public void Replay_DecisionHangsOnALostReport_TheTrialCatchesUpAfterIt()
    {
        var (controller, book) = Started(2, Reproducible);
        book.Replay([(1, Entry(2, 1, 0.5)), (1, Entry(3, 2, 0.4))]);
        Assert.True(book.IsHeld(1));
        Assert.Single(controller.Trials[1].Reports);

        book.Take(0, 1, Loss(1));
        Assert.Contains(1, book.TakeResolved());
        Assert.Equal([1, 2], controller.Trials[1].Reports.Select(report => report.Iteration));
    }

    [Fact]
    public void IsHeld_TrialWaits_UntilItsDecisionIsMade()
    {
        var (_, book) = Started(2, Reproducible);
        Assert.Equal(DecisionKind.Wait, book.Take(1, 1, Loss(1)).Decision.Kind);
        Assert.True(book.IsHeld(1));
        book.Take(0, 1, Loss(1));
        Assert.Equal([1], book.TakeResolved());
        Assert.False(book.IsHeld(1));
        Assert.Empty(book.TakeResolved());
    }

    [Fact]
    public void Take_MissingMetric_RecordsNothing()
    {
        var (controller, book) = Started(1, Config);
        Assert.Throws<ArgumentException>(() => book.Take(0, 1, new Dictionary<string, double>()));
        Assert.Equal(0, book.Sequence);
        Assert.Empty(controller.Trials[0].Reports);
    }

    private static (TuneController Controller, ReportBook Book) Started(
        int trials,
        TuneConfig config,
        long sequence = 0
    )
    {
        var controller = new TuneController(config, []);
        controller.Start(trials);
        return (controller, new ReportBook(controller, sequence));
    }

    private static JournalEntry Entry(long sequence, int iteration, double loss) =>
        new(sequence, iteration, Loss(loss));
}
