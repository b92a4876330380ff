using Air.Orleans.Core.Resilience;
using Microsoft.Extensions.Time.Testing;

namespace Air.Orleans.Core.Tests.Resilience;

public sealed class GrainCallsTests
{
    [Fact]
    public async Task Retry_CallThatSucceeds_IsMadeOnce()
    {
        var calls = 0;

        Assert.Equal(1, await GrainCalls.RetryAsync(() => Task.FromResult(++calls)));
    }

    [Fact]
    public async Task Retry_SiloLostTwice_SucceedsWithTheThirdCall()
    {
        var calls = 0;

        var result = await GrainCalls.RetryAsync(() =>
            ++calls < 3 ? Task.FromException<int>(new SiloUnavailableException("lost")) : Task.FromResult(calls)
        );

        Assert.Equal(3, result);
    }

    [Fact]
    public async Task Retry_CallWithoutResultLostOnce_IsMadeAgain()
    {
        var calls = 0;

        await GrainCalls.RetryAsync(() =>
            ++calls < 2 ? Task.FromException(new SiloUnavailableException("lost")) : Task.CompletedTask
        );

        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task Retry_ErrorOfTheGrain_IsThrownAtOnce()
    {
        var calls = 0;

        await Assert.ThrowsAsync<AirException>(async () =>
            await GrainCalls.RetryAsync<int>(() =>
            {
                calls++;
                throw new AirException("the grain's own");
            })
        );

        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Retry_CancelledWhileACallHangs_Ends()
    {
        using var cancelling = new CancellationTokenSource();
        var hangs = new TaskCompletionSource<int>();
        var calling = GrainCalls.RetryAsync(() => hangs.Task, cancelling.Token).AsTask();

        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
    }

    [Fact]
    public async Task Retry_CancelledBefore_MakesNoCall()
    {
        var calls = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await GrainCalls.RetryAsync(() => Task.FromResult(++calls), new CancellationToken(canceled: true))
        );

        Assert.Equal(0, calls);
    }

    [Fact]
    public async Task Again_CallHangsBeyondTheTotalTimeout_ThrowsTimeoutWithTheErrorBefore()
    {
        var time = new FakeTimeProvider();
        var hangs = new TaskCompletionSource<int>();
        var isCalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var calling = GrainCalls
            .AgainAsync(
                GrainCalls.Create(time),
                () =>
                {
                    isCalled.TrySetResult();
                    return hangs.Task;
                },
                new SiloUnavailableException("the first error"),
                CancellationToken.None
            )
            .AsTask();

        // Pauses between tries, then the total: each turn fires what is due then.
        while (!calling.IsCompleted)
        {
            time.Advance(isCalled.Task.IsCompleted ? TimeSpan.FromMinutes(1) : TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        var error = await Assert.ThrowsAsync<TimeoutException>(() => calling);
        Assert.True(isCalled.Task.IsCompleted);
        Assert.Contains("the first error", error.Message, StringComparison.Ordinal);
        Assert.True(GrainCalls.IsTransient(error));
    }
}
