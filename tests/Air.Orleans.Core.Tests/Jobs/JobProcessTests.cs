using System.Diagnostics;
using Air.Orleans.Core.Jobs;
using Air.Orleans.Core.Jobs.Control;
using Microsoft.Extensions.Logging.Abstractions;

namespace Air.Orleans.Core.Tests.Jobs;

public sealed class JobProcessTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly ServiceProvider _services = new ServiceCollection().BuildServiceProvider();
    private readonly WatchedTime _time = new();
    private readonly JobThreads _threads = new(TimeProvider.System);

    public void Dispose()
    {
        _threads.Dispose();
        _services.Dispose();
    }

    /// <summary>Its program has ended well; only the rest of its output is waited for, which another process keeps open.</summary>
    [Fact]
    public async Task Stop_OfTheSiloAfterTheProgramHasEnded_IsNoLoss()
    {
        using var process = New();
        var running = RunAsync(process, "sleep 4 & exit 0");
        await _time.OutputAwaited.WaitAsync(Limit);

        process.Stop(isLost: true);
        await running.WaitAsync(Limit);

        Assert.Equal(new JobEnd(0, null, IsLost: false), process.End);
    }

    [Fact]
    public async Task Stop_OfTheSiloWhileTheProgramRuns_IsALoss()
    {
        using var process = New();
        var running = RunAsync(process, "read signal; exit 0");
        await _time.StopAwaited.WaitAsync(Limit);

        process.Stop(isLost: true);
        await running.WaitAsync(Limit);

        Assert.Equal(new JobEnd(0, null, IsLost: true), process.End);
    }

    private JobProcess New()
    {
        var job = new JobSubmission(Guid.NewGuid(), "job", "code", "a.dll", [], [], new ResourceSet(), Retries: 0);
        var log = new JobLogWriter(job.Name, 1, new JobLog(_services), _threads, _time, NullLogger.Instance);
        return new JobProcess(job, 1, log, _time);
    }

    private Task RunAsync(JobProcess process, string script) =>
        process.RunAsync(
            _ => new ProcessStartInfo("/bin/sh")
            {
                ArgumentList = { "-c", script },
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
            _threads,
            static () => { }
        );

    /// <summary>Tells what is waited for, by how long that may take.</summary>
    private sealed class WatchedTime : TimeProvider
    {
        private readonly TaskCompletionSource _output = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The program has ended, and the rest of its output is waited for.</summary>
        public Task OutputAwaited => _output.Task;

        /// <summary>The program's end is waited for, or a stop.</summary>
        public Task StopAwaited => _stop.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == TimeSpan.FromSeconds(2))
            {
                _output.TrySetResult();
            }
            else
            {
                _stop.TrySetResult();
            }

            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
