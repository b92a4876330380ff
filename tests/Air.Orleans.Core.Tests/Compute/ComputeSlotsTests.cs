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
    public async Task Describe_WorkOnASlotAndInTheQueue_TellsBoth()
    {
        using var slots = new ComputeSlots(1, TimeProvider.System);
        using var reported = new ManualResetEventSlim();
        using var gate = new ManualResetEventSlim();
        var first = slots.Start(
            "first",
            context =>
            {
                context.Report(0.5, "half");
                reported.Set();
                return gate.Wait(Limit);
            }
        );
        var second = slots.Start("second", static _ => 2);
        Assert.True(reported.Wait(Limit));

        var described = slots.Describe();

        Assert.Equal(["first", "second"], described.Select(static progress => progress.Name));
        Assert.Equal(
            [(ComputeState.Running, 0.5, "half"), (ComputeState.Queued, null, "")],
            described.Select(static progress => (progress.State, progress.Fraction, progress.Detail))
        );
        gate.Set();
        await Task.WhenAll(first.Completion, second.Completion);
        Assert.Equal(ComputeState.Ended, second.Progress.State);
    }

    [Fact]
    public async Task Watch_WorkThatReports_GivesChangesAndTheEnd()
    {
        using var slots = new ComputeSlots(1, TimeProvider.System);
        using var go = new SemaphoreSlim(0);
        var work = slots.Start(
            "work",
            context =>
            {
                for (var i = 1; i <= 3; i++)
                {
                    go.Wait(Limit);
                    context.Report(i / 3.0);
                }

                return true;
            }
        );
        var seen = new List<double>();
        go.Release();

        await foreach (var progress in work.WatchAsync())
        {
            if (progress.Fraction is { } fraction && !seen.Contains(fraction))
            {
                seen.Add(fraction);
                go.Release();
            }
        }

        Assert.Equal([1 / 3.0, 2 / 3.0, 1.0], seen);
    }

    [Fact]
    public async Task Watch_NothingChanges_BeatsNevertheless()
    {
        using var slots = new ComputeSlots(1, TimeProvider.System);
        using var gate = new ManualResetEventSlim();
        using var running = new ManualResetEventSlim();
        var work = slots.Start(
            "silent",
            _ =>
            {
                running.Set();
                return gate.Wait(Limit);
            }
        );
        Assert.True(running.Wait(Limit));
        var beats = 0;

        await foreach (var progress in work.WatchAsync())
        {
            if (progress.State == ComputeState.Running && ++beats == 2)
            {
                gate.Set();
            }
        }

        Assert.Equal(2, beats);
    }

    [Fact]
    public async Task Cancel_WorkThatObeys_EndsWithinItsGrace()
    {
        using var slots = new ComputeSlots(1, TimeProvider.System);
        var work = slots.Start(
            "obeys",
            static context =>
            {
                context.CancellationToken.WaitHandle.WaitOne(Limit);
                context.CancellationToken.ThrowIfCancellationRequested();
                return 0;
            }
        );

        Assert.True(await work.CancelAsync(Limit));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work.Completion);
    }

    [Fact]
    public async Task Drain_WorkThatDoesNotObey_IsReportedAndNewWorkRefused()
    {
        using var slots = new ComputeSlots(1, TimeProvider.System);
        using var gate = new ManualResetEventSlim();
        using var running = new ManualResetEventSlim();
        var stubborn = slots.Start(
            "stubborn",
            _ =>
            {
                running.Set();
                return gate.Wait(Limit);
            }
        );
        var queued = slots.Start("queued", static _ => 1);
        Assert.True(running.Wait(Limit));

        var overdue = Assert.Single(await slots.DrainAsync(TimeSpan.FromMilliseconds(1)));

        Assert.Equal(("stubborn", ComputeState.Overdue), (overdue.Name, overdue.State));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued.Completion);
        Assert.Throws<ObjectDisposedException>(() => slots.Start("late", static _ => 1));
        gate.Set();
        Assert.True(await stubborn.Completion);
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
