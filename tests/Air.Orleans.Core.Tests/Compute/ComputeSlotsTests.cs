using Air.Orleans.Core.Compute;

namespace Air.Orleans.Core.Tests.Compute;

public sealed class ComputeSlotsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Run_TwoSlots_WorkAtTheSameTime()
    {
        using var slots = new ComputeSlots(2, TimeProvider.System);
        using var meeting = new Barrier(2);

        var met = await Task.WhenAll(
            slots.RunAsync("work", _ => meeting.SignalAndWait(Limit)),
            slots.RunAsync("work", _ => meeting.SignalAndWait(Limit))
        );

        Assert.All(met, Assert.True);
    }

    [Fact]
    public async Task Run_CancelledInTheQueue_IsNeverBegun()
    {
        using var slots = new ComputeSlots(1, TimeProvider.System);
        using var gate = new ManualResetEventSlim();
        using var cancel = new CancellationTokenSource();
        var begun = false;
        var first = slots.RunAsync("work", _ => gate.Wait(Limit));
        var second = slots.RunAsync("work", _ => begun = true, cancel.Token);

        await cancel.CancelAsync();
        gate.Set();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.True(await first);
        Assert.False(begun);
    }

    [Fact]
    public async Task Run_WorkThrows_TheSlotGoesOn()
    {
        using var slots = new ComputeSlots(1, TimeProvider.System);

        await Assert.ThrowsAsync<InvalidDataException>(() =>
            slots.RunAsync<int>("work", static _ => throw new InvalidDataException())
        );

        Assert.Equal(4, await slots.RunAsync("work", static _ => 4));
    }

    [Fact]
    public async Task Run_AfterDispose_IsRefused()
    {
        var slots = new ComputeSlots(1, TimeProvider.System);
        slots.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => slots.RunAsync("work", static _ => 1));
    }

    [Fact]
    public async Task DedicatedThread_WorkEnds_TheTaskEndsTheSameWay()
    {
        var name = "";
        await DedicatedThread.RunAsync("air-test", () => name = Thread.CurrentThread.Name);

        Assert.Equal("air-test", name);
        await Assert.ThrowsAsync<InvalidDataException>(() =>
            DedicatedThread.RunAsync("air-test", static () => throw new InvalidDataException())
        );
    }

    [Theory]
    [InlineData("lerning_rate", " Did you mean 'learning_rate'?")]
    [InlineData("EPOCHS", " Did you mean 'epochs'?")]
    [InlineData("zebra", "")]
    public void NameSuggestion_Misspelt_GivesTheNearestOrNothing(string name, string expected) =>
        Assert.Equal(expected, NameSuggestion.For(name, ["learning_rate", "epochs"]));
}
