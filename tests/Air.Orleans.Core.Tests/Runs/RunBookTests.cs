using Air.Orleans.Core.Runs.Control;

namespace Air.Orleans.Core.Tests.Runs;

public sealed class RunBookTests
{
    private static readonly GrainId Grain = GrainId.Create("test", "0");
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly RunBook _book = new();

    [Fact]
    public void Begin_RunThatGoesOn_ChangesNothing()
    {
        Assert.True(_book.Begin(RunKind.Train, "a", Grain, Start));
        Assert.False(_book.Begin(RunKind.Train, "a", Grain, Start.AddSeconds(1)));
        Assert.Equal(Start, _book.Find(RunKind.Train, "a")!.Info.ChangedAt);
    }

    [Fact]
    public void Begin_InterruptedRun_GoesOnUnderItsFirstDate()
    {
        _book.Begin(RunKind.Train, "a", Grain, Start);
        _book.Interrupt(_book.Carried.ToList(), Start.AddSeconds(1));
        Assert.Empty(_book.Carried);
        _book.Begin(RunKind.Train, "a", Grain, Start.AddSeconds(2));
        Assert.Equal(Start, Assert.Single(_book.Carried).Info.CreatedAt);
    }

    [Fact]
    public void Interrupt_Deployment_GoesOn()
    {
        _book.Begin(RunKind.Deployment, "a", Grain, Start);
        _book.Interrupt(_book.Carried.ToList(), Start);
        Assert.Single(_book.Carried);
    }

    [Fact]
    public void Read_SameReading_IsNoNews()
    {
        _book.Begin(RunKind.Tune, "a", Grain, Start);
        var reading = new RunReading(RunState.Running, "x", null);
        Assert.True(_book.Read(RunKind.Tune, "a", reading, Start));
        Assert.False(_book.Read(RunKind.Tune, "a", reading, Start.AddSeconds(1)));
    }

    [Fact]
    public void Read_MoreEndsThanAreKept_ForgetsTheOldestAndNoRunThatGoesOn()
    {
        _book.Begin(RunKind.Train, "goes on", Grain, Start);
        for (var i = 0; i < RunBook.KeptEnded + 2; i++)
        {
            _book.Begin(RunKind.Train, $"{i}", Grain, Start.AddSeconds(i));
            _book.Read(RunKind.Train, $"{i}", new RunReading(RunState.Failed, "", "e"), Start.AddSeconds(i));
        }

        Assert.Null(_book.Find(RunKind.Train, "1"));
        Assert.NotNull(_book.Find(RunKind.Train, "2"));
        Assert.Single(_book.Carried);
    }
}
