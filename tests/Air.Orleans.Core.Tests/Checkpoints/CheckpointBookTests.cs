using Air.Orleans.Core.Checkpoints.Control;

namespace Air.Orleans.Core.Tests.Checkpoints;

public sealed class CheckpointBookTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(Mode.Min, 2)]
    [InlineData(Mode.Max, 3)]
    public void Best_WithMetric_IsTheNewerOfEquals(Mode mode, int expected)
    {
        CheckpointManifest[] all = [At(1, 1, 0.1), At(1, 2, 0.1), At(1, 3, 0.5), At(1, 4, double.NaN)];

        Assert.Equal(expected, new CheckpointRules(Metric: "loss", Mode: mode).Best(all)!.Iteration);
    }

    [Fact]
    public void Outdated_BestAreOld_KeepsThemAndTheLatest()
    {
        CheckpointManifest[] all = [At(1, 1, 0.1), At(1, 2, 0.2), At(1, 3, 0.3), At(1, 4, 0.4)];

        Assert.Equal([3], Iterations(new CheckpointRules(KeepBest: 2, Metric: "loss").Outdated(all)));
        Assert.Equal([2], Iterations(new CheckpointRules(KeepLast: 2, KeepBest: 1, Metric: "loss").Outdated(all)));
        Assert.Equal([1, 2, 3], Iterations(new CheckpointRules(KeepLast: 0).Outdated(all)));
        Assert.Empty(new CheckpointRules().Outdated(all));
    }

    [Fact]
    public void Commit_OfALowerEpoch_IsRefused()
    {
        var book = new CheckpointBook().Begin(1, new()).Reserve(Draft(At(1, 1))).Begin(2, new());

        var error = Assert.Throws<StaleWriterException>(() => book.Commit(At(1, 1), Now));

        Assert.Contains("'run/1-1'", error.Message);
        Assert.Contains("epoch 2", error.Message);
        Assert.Throws<StaleWriterException>(() => book.Begin(1, new()));
        Assert.Throws<StaleWriterException>(() => book.Reserve(Draft(At(1, 2))));
        Assert.Empty(book.Committed);
    }

    [Fact]
    public void Sweep_OfAWriterThatMayLive_IsDoneAgainInALaterEpoch()
    {
        var book = new CheckpointBook().Begin(1, new()).Reserve(Draft(At(1, 1))).Begin(2, new());
        Assert.Equal("run/1-1", Assert.Single(book.ToSweep()).Draft.Id);

        book = book.Swept([.. book.ToSweep()]);
        Assert.Empty(book.ToSweep());

        book = book.Begin(3, new());
        Assert.Single(book.ToSweep());
        book = book.Swept([.. book.ToSweep()]);
        Assert.Empty(book.Doomed);
    }

    [Fact]
    public void Sweep_AfterTheStaleWriterGaveUp_IsTheLast()
    {
        var book = new CheckpointBook().Begin(1, new()).Reserve(Draft(At(1, 1))).Begin(2, new());

        book = book.Swept([.. book.ToSweep()]).Abandon("run/1-1");

        Assert.Single(book.ToSweep());
        Assert.Empty(book.Swept([.. book.ToSweep()]).Doomed);
    }

    [Fact]
    public void Commit_Again_ChangesNothing()
    {
        var book = Committed(new(), At(1, 1));

        Assert.Same(book, book.Commit(At(1, 1), Now));
        Assert.Same(book, book.Abandon("run/1-1"));
    }

    [Fact]
    public void Commit_AfterGivingUp_IsRefused()
    {
        var book = new CheckpointBook().Begin(1, new()).Reserve(Draft(At(1, 1))).Abandon("run/1-1");

        Assert.Contains("given up", Assert.Throws<CheckpointException>(() => book.Commit(At(1, 1), Now)).Message);
        Assert.Single(book.ToSweep());
    }

    [Fact]
    public void Commit_OfAHigherEpoch_TakesThePlaceOfWhatTheLowerDidThereAndAfter()
    {
        var book = Committed(new(), At(1, 1), At(1, 2), At(1, 3)).Begin(2, new()).Reserve(Draft(At(2, 2)));

        book = book.Commit(At(2, 2), Now);

        Assert.Equal(["run/1-1", "run/2-2"], book.Committed.Select(static manifest => manifest.Id));
        Assert.Equal(["run/1-2", "run/1-3"], book.ToSweep().Select(static doomed => doomed.Draft.Id));
    }

    [Fact]
    public void Commit_Pinned_StaysUntilThePinIsOver()
    {
        var book = Committed(new CheckpointRules(KeepLast: 1), At(1, 1))
            .Pin(new CheckpointPin("run/1-1", "reader", Now.AddMinutes(1)));

        book = book.Reserve(Draft(At(1, 2))).Commit(At(1, 2), Now);
        Assert.Equal([1, 2], Iterations(book.Committed));
        var error = Assert.Throws<CheckpointException>(() => book.Delete("run/1-1", Now));
        Assert.Contains("in use by reader", error.Message);

        book = book.Reserve(Draft(At(1, 3))).Commit(At(1, 3), Now.AddMinutes(2));
        Assert.Equal([3], Iterations(book.Committed));
    }

    [Fact]
    public void Delete_TheLatest_LeavesTheOneBefore()
    {
        var book = Committed(new(), At(1, 1), At(1, 2)).Delete("run/1-2", Now);

        Assert.Equal("run/1-1", book.Latest!.Id);
        Assert.Same(book, book.Delete("run/1-2", Now));
        Assert.Throws<CheckpointException>(() => book.Pin(new CheckpointPin("run/1-2", "reader", Now)));
    }

    [Fact]
    public void Reserve_OfACommittedId_IsRefused() =>
        Assert.Contains(
            "already",
            Assert.Throws<CheckpointException>(() => Committed(new(), At(1, 1)).Reserve(Draft(At(1, 1)))).Message
        );

    private static CheckpointBook Committed(CheckpointRules rules, params CheckpointManifest[] manifests) =>
        manifests.Aggregate(
            new CheckpointBook().Begin(1, rules),
            static (book, manifest) => book.Reserve(Draft(manifest)).Commit(manifest, Now)
        );

    private static CheckpointDraft Draft(CheckpointManifest manifest) => CheckpointDraft.Of(manifest);

    private static IEnumerable<int> Iterations(IEnumerable<CheckpointManifest> manifests) =>
        manifests.Select(static manifest => manifest.Iteration);

    private static CheckpointManifest At(int epoch, int iteration, double loss = 0) =>
        new()
        {
            Id = $"run/{epoch}-{iteration}",
            Run = "run",
            Epoch = epoch,
            Iteration = iteration,
            Metrics = new Dictionary<string, double> { ["loss"] = loss },
        };
}
