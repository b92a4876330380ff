using Air.Orleans.Control;
using Air.Orleans.Core;
using Air.Orleans.Data;
using Microsoft.Extensions.Logging.Abstractions;

namespace Air.Orleans.Tests;

public sealed class AirConnectionTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Cluster_CannotBeReached_SaysWhyAndAnswersOnceItCan()
    {
        using var folder = new TemporaryFolder();
        var reached = new TaskCompletionSource();
        var tried = new TaskCompletionSource();
        await using var connection = New(async () =>
        {
            if (!reached.Task.IsCompleted)
            {
                tried.TrySetResult();
                throw new AirException("the test keeps it away");
            }

            return await AirCluster.StartLocalAsync(new() { StorageFolder = folder.Path, HttpPort = null });
        });
        connection.Start();
        await tried.Task.WaitAsync(Limit);

        var away = Assert.Throws<ClusterUnavailableException>(() => connection.Cluster);
        await Assert.ThrowsAsync<ClusterUnavailableException>(() =>
            connection.CallAsync(static (_, _) => Task.FromResult(1))
        );
        reached.SetResult();
        await connection.WaitAsync().WaitAsync(Limit);

        Assert.Contains("does not answer", away.Message, StringComparison.Ordinal);
        Assert.Equal(
            10,
            await connection.CallAsync(static (air, token) => air.Data.Range(10).CountAsync(token)).WaitAsync(Limit)
        );
    }

    [Fact]
    public async Task CallAsync_NoAnswer_FailsAtItsLimit()
    {
        using var folder = new TemporaryFolder();
        await using var connection = await UpAsync(folder, TimeSpan.FromMilliseconds(200));

        var error = await Assert.ThrowsAsync<ClusterUnavailableException>(() =>
            connection.CallAsync(static (_, _) => new TaskCompletionSource<int>().Task).WaitAsync(Limit)
        );

        Assert.Contains("no answer within 0.2 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CallAsync_TheCallerCancels_EndsAtOnceAndIsNoOutage()
    {
        using var folder = new TemporaryFolder();
        await using var connection = await UpAsync(folder, Limit);
        using var caller = new CancellationTokenSource();

        var call = connection.CallAsync(static (_, _) => new TaskCompletionSource<int>().Task, caller.Token);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Limit));
        Assert.True(connection.Status.IsUp);
    }

    [Fact]
    public async Task CallAsync_TheCallsOwnError_ComesThrough()
    {
        using var folder = new TemporaryFolder();
        await using var connection = await UpAsync(folder, Limit);

        var error = await Assert.ThrowsAsync<AirException>(() =>
            connection.CallAsync(static (air, token) => air.Runs.GetAsync("none", cancellationToken: token))
        );

        Assert.Contains("There is no run 'none'", error.Message, StringComparison.Ordinal);
    }

    /// <summary>What is under way when the application stops may fail in any way; that is no error of the stop.</summary>
    [Fact]
    public async Task DisposeAsync_ConnectingThatFailsAsItIsStopped_EndsCleanly()
    {
        var began = new TaskCompletionSource();
        var connection = New(async stopping =>
        {
            began.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new AirException("torn away");
        });
        connection.Start();
        await began.Task.WaitAsync(Limit);

        await connection.DisposeAsync().AsTask().WaitAsync(Limit);

        Assert.False(connection.Status.IsUp);
    }

    [Fact]
    public void State_OneFailure_IsNoOutageAndTwoAre()
    {
        var state = new ConnectionState(TimeProvider.System);
        state.Answered();

        Assert.False(state.Failed("a gateway died"));
        Assert.True(state.Status.IsUp);
        Assert.True(state.Failed("nobody answers"));
        Assert.Equal((false, "nobody answers"), (state.Status.IsUp, state.Status.Detail));
        Assert.False(state.Up.IsCompleted);

        state.Answered();

        Assert.True(state.Status.IsUp);
        Assert.True(state.Up.IsCompleted);
    }

    private static async Task<AirConnection> UpAsync(TemporaryFolder folder, TimeSpan callLimit)
    {
        var connection = New(
            () => AirCluster.StartLocalAsync(new() { StorageFolder = folder.Path, HttpPort = null }),
            callLimit
        );
        connection.Start();
        await connection.WaitAsync().WaitAsync(Limit);
        return connection;
    }

    private static AirConnection New(Func<Task<AirCluster>> connect, TimeSpan? callLimit = null) =>
        New(_ => connect(), callLimit);

    private static AirConnection New(Func<CancellationToken, Task<AirCluster>> connect, TimeSpan? callLimit = null) =>
        new(
            new AirClientOptions
            {
                Cluster = ClusterUri.Parse("file:///never/used"),
                CallLimit = callLimit ?? Limit,
                ProbeInterval = TimeSpan.FromMilliseconds(50),
            },
            connect,
            TimeProvider.System,
            NullLogger<AirConnection>.Instance
        );
}
