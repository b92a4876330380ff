using Air.Orleans.Core.Storage;
using Air.Orleans.Testing.Storage;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Air.Orleans.Storage.Tests.Outages;

/// <summary>A storage whose server is killed, restarted or suspended while silos use it.</summary>
public abstract class StorageOutageTests<TServer>
    where TServer : TestServer, ITestServer<TServer>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly GrainId Id = GrainId.Create("outage", "a");

    [RequiresFact]
    public async Task Write_ServerKilledAndRestartedMeanwhile_IsDone()
    {
        await using var server = await TServer.StartAsync();
        await using var host = await OpenAsync(server, static border => border);
        await WriteAsync(host, "before", new GrainState<ConformanceState>(), "other");
        server.Kill();

        var writes = Enumerable
            .Range(0, 20)
            .Select(i => WriteAsync(host, $"during {i}", new GrainState<ConformanceState>(), $"{i}"))
            .ToList();
        var read = ReadAsync(host, "never");
        await server.RestartAsync();
        await Task.WhenAll(writes).WaitAsync(Deadline);

        Assert.False((await read.WaitAsync(Deadline)).RecordExists);
        for (var i = 0; i < writes.Count; i++)
        {
            Assert.Equal($"during {i}", (await ReadAsync(host, $"{i}")).State!.Text);
        }
    }

    [RequiresFact]
    public async Task Write_ServerAwayForLong_SaysSoAndWorksWhenItIsBack()
    {
        await using var server = await TServer.StartAsync();
        await using var host = await OpenAsync(
            server,
            static border => border with { Patience = TimeSpan.FromSeconds(2) }
        );
        server.Kill();

        var error = await Assert
            .ThrowsAsync<StorageException>(() => WriteAsync(host, "lost", new GrainState<ConformanceState>()))
            .WaitAsync(Deadline);
        var readError = await Assert.ThrowsAsync<StorageException>(() => ReadAsync(host)).WaitAsync(Deadline);

        Assert.Equal(StorageFault.Unavailable, error.Fault);
        Assert.Equal(StorageFault.Unavailable, readError.Fault);
        Assert.Contains("did not answer for 2 s", error.Message);
        await server.RestartAsync();
        await UntilAsync(async () => await WriteAsync(host, "found", await ReadAsync(host)));
        Assert.Equal("found", (await ReadAsync(host)).State!.Text);
    }

    [RequiresFact]
    public async Task Write_ServerHangsAndGoesOn_IsDoneOnceAndItsETagHolds()
    {
        await using var server = await TServer.StartAsync();
        using var attempts = new AttemptWatch();
        await using var host = await OpenAsync(
            server,
            static border => border with { AnswerLimit = TimeSpan.FromMilliseconds(300) },
            attempts
        );
        var state = new GrainState<ConformanceState>();
        await WriteAsync(host, "first", state);
        server.Pause();
        var write = WriteAsync(host, "second", state);
        var several = attempts.WaitAsync(3);
        Assert.True(
            await Task.WhenAny(write, several).WaitAsync(Deadline) == several,
            $"The suspended {server.Kind} answered."
        );
        server.Resume();
        await write.WaitAsync(Deadline);

        var read = await ReadAsync(host);
        Assert.Equal("second", read.State!.Text);
        Assert.Equal(state.ETag, read.ETag);
        await WriteAsync(host, "third", state);
        Assert.Equal("third", (await ReadAsync(host)).State!.Text);
    }

    private protected abstract Task<GrainStorageHost> OpenAsync(
        TServer server,
        Func<StorageBorder, StorageBorder> configure,
        ILoggerProvider? logs = null
    );

    /// <summary>Gives the storage's log, down to each attempt that is made again, to who watches it.</summary>
    private protected static void Log(IServiceCollection services, ILoggerProvider? logs)
    {
        if (logs is not null)
        {
            services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(logs));
        }
    }

    private static async Task UntilAsync(Func<Task> action)
    {
        using var limit = new CancellationTokenSource(Deadline);
        while (true)
        {
            try
            {
                await action();
                return;
            }
            catch (Exception error)
                when (error is StorageException or InconsistentStateException && !limit.IsCancellationRequested)
            {
                // The server is coming up, and a write may land of which that was not known.
            }
        }
    }

    private static async Task WriteAsync(
        GrainStorageHost host,
        string text,
        GrainState<ConformanceState> state,
        string stateName = "state"
    )
    {
        state.State = new ConformanceState { Text = text };
        await host.Storage.WriteStateAsync(stateName, Id, state);
    }

    private static async Task<GrainState<ConformanceState>> ReadAsync(GrainStorageHost host, string stateName = "state")
    {
        var state = new GrainState<ConformanceState>();
        await host.Storage.ReadStateAsync(stateName, Id, state);
        return state;
    }
}
