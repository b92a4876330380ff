using System.Collections.Concurrent;
using System.Diagnostics;
using Air.Orleans.Core.Jobs.Control;
using Air.Orleans.Core.Jobs.Grains;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources;
using Air.Orleans.Core.Security;
using Air.Orleans.Core.Shipping.Code;
using Air.Orleans.Core.Shipping.Diagnostics;
using Air.Orleans.Core.Shipping.Grains;
using Air.Orleans.Core.Silos;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Jobs;

/// <summary>
/// The processes of jobs on this silo. Tells the book of jobs every two seconds, and whenever one ends, how they stand, until the book has
/// written it down; ends them when the silo stops. Thread-safe.
/// </summary>
internal sealed partial class JobRunner(
    IGrainFactory grains,
    ILocalSiloDetails silo,
    ISiloStatusOracle membership,
    CodeFolder code,
    JobFolders folders,
    SecurityGate gate,
    JobEnvironment environment,
    JobLog log,
    JobThreads threads,
    LeaseBoard board,
    LeaseKeeper keeper,
    SiloDrain drain,
    TimeProvider time,
    ILogger<JobRunner> logger
) : ILifecycleParticipant<ISiloLifecycle>, ISiloStatusListener, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<(string Name, int Attempt), JobProcess> _processes = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly WakeSignal _news = new();
    private Task _telling = Task.CompletedTask;
    private volatile bool _isClosed;

    /// <summary>How many processes run now.</summary>
    public int Running => _processes.Values.Count(static process => process.End is null);

    /// <summary>The names of the jobs whose processes run now.</summary>
    public IReadOnlyList<string> RunningJobs =>
        [.. _processes.Values.Where(static process => process.End is null).Select(static process => process.Name)];

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(
            nameof(JobRunner),
            ServiceLifecycleStage.Active + 2,
            async cancellationToken =>
            {
                await SweepAsync(cancellationToken);
                membership.SubscribeToSiloStatusEvents(this);
                _telling = Background.Start(KeepTellingAsync);
            },
            async _ =>
            {
                membership.UnSubscribeFromSiloStatusEvents(this);
                await EndAllAsync();
                await _stopping.CancelAsync();
                await _telling;
            }
        );

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status) => _news.Wake();

    /// <summary>Begins an attempt, unless it has begun already. Gives whether it has: a silo that drains or stops begins none.</summary>
    public bool Start(JobSubmission job, int attempt)
    {
        if (_processes.ContainsKey((job.Name, attempt)))
        {
            return true;
        }

        if (_isClosed || drain.HasBegun)
        {
            return false;
        }

        var writer = new JobLogWriter(job.Name, attempt, log, threads, time, logger);
        var process = new JobProcess(job, attempt, writer, time);
        if (!_processes.TryAdd((job.Name, attempt), process))
        {
            process.Dispose();
            return true;
        }

        _ = Background.Start(() => RunAsync(job, attempt, process));
        return true;
    }

    /// <summary>Ends an attempt's process.</summary>
    public void Stop(string name, int attempt)
    {
        if (_processes.TryGetValue((name, attempt), out var process) && process.End is null)
        {
            process.Stop(isLost: false);
        }
    }

    /// <summary>Ends the processes of jobs that may begin again elsewhere; ends itself when all processes have ended.</summary>
    public Task MoveAllAsync()
    {
        var open = _processes.Values.Where(static process => process.End is null).ToList();
        open.FindAll(static process => process.MayBeginAgain).ForEach(static process => process.Stop(isLost: true));
        return Task.WhenAll(open.Select(static process => process.Done));
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _news.Dispose();
        foreach (var process in _processes.Values)
        {
            process.Dispose();
        }
    }

    private async Task RunAsync(JobSubmission job, int attempt, JobProcess process)
    {
        try
        {
            LogStarts(job.Name, attempt);
            CodeMeter.Jobs.Add(1);
            await RunWithLeaseAsync(job, attempt, process);
        }
        catch (Exception error)
        {
            // The ledger takes back what a silo that is gone has not given.
            LogNotReturned(job.Name, error);
        }
        finally
        {
            CodeMeter.Jobs.Add(-1);
            process.Close();
            LogEnded(job.Name, attempt, process.End?.ExitCode);
            _news.Wake();
        }
    }

    private async Task RunWithLeaseAsync(JobSubmission job, int attempt, JobProcess process)
    {
        var lease = JobSubmission.LeaseId(job.Name, attempt);
        var entry = board.Claim(lease, 0, process);
        await process.RunAsync(
            stopping => Prepare(job, attempt, entry, stopping),
            threads,
            () => folders.Remove(job.Name, attempt)
        );
        if (entry is not null && board.Leave(entry, process))
        {
            await keeper.ReleaseAsync(lease, entry.Booking.Stamp, null);
        }
    }

    private ProcessStartInfo Prepare(JobSubmission job, int attempt, BoardEntry? lease, CancellationToken stopping)
    {
        gate.ThrowIfBundleRefused($"The code of job '{job.Name}'", job.Code);
        var manifest =
            GrainCalls
                .RetryAsync(() => grains.GetGrain<ICodeBookGrain>(0).GetAsync(job.Code), stopping)
                .AsTask()
                .GetAwaiter()
                .GetResult()
            ?? throw new AirException($"The cluster does not keep code {job.Code} any more. Submit the job again.");
        if (!manifest.Files.Any(file => file.Path == job.Entry))
        {
            throw new AirException(
                $"Job '{job.Name}' names the program '{job.Entry}', and its code holds no such file. Submit the job again."
            );
        }

        var place = folders.Of(job.Name, attempt);
        folders.Remove(job.Name, attempt);
        // A folder of its own: what the program writes beside itself must not change the code that others run.
        code.CopyTo(job.Code, manifest, place, stopping);
        var start = JobLauncher.Describe(place, job.Entry, job.Arguments);
        environment.AddTo(start.Environment, job, attempt, lease?.Booking.Devices ?? []);
        return start;
    }

    /// <summary>Before the first job begins: what silos that were killed have left.</summary>
    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await threads.FolderAsync("remove folders of jobs", _ => folders.Sweep(), cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogNotSwept(error);
        }
    }

    private async Task EndAllAsync()
    {
        _isClosed = true;
        var open = _processes.Values.Where(static process => process.End is null).ToList();
        open.ForEach(static process => process.Stop(isLost: true));
        await Task.WhenAll(open.Select(static process => process.Done));
        if (_processes.IsEmpty)
        {
            return;
        }

        try
        {
            await TellAsync().WaitAsync(LastWords, time);
        }
        catch (Exception error)
        {
            // The membership will tell the book that this silo is gone.
            LogNotHeard(error);
        }
    }

    private async Task KeepTellingAsync()
    {
        try
        {
            while (true)
            {
                try
                {
                    await TellAsync().WaitAsync(_stopping.Token);
                }
                catch (Exception error) when (error is not OperationCanceledException)
                {
                    LogNotHeard(error);
                }

                await _news.WaitAsync(Interval, _stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private async Task TellAsync()
    {
        var reports = _processes.Values.Select(static process => process.Report).ToArray();
        foreach (var known in await grains.GetGrain<IJobBookGrain>(0).PokeAsync(silo.SiloAddress, reports))
        {
            if (_processes.TryRemove((known.Name, known.Attempt), out var process))
            {
                process.Dispose();
            }
        }
    }

    [LoggerMessage(1051, LogLevel.Information, "Job '{Job}' starts (attempt {Attempt}).")]
    private partial void LogStarts(string job, int attempt);

    [LoggerMessage(1052, LogLevel.Information, "Job '{Job}' (attempt {Attempt}) has ended: exit code {ExitCode}.")]
    private partial void LogEnded(string job, int attempt, int? exitCode);

    [LoggerMessage(
        1061,
        LogLevel.Warning,
        "What job '{Job}' held could not be given back, or its folder not be removed."
    )]
    private partial void LogNotReturned(string job, Exception error);

    [LoggerMessage(1060, LogLevel.Warning, "What silos that are gone have left of their jobs cannot be removed.")]
    private partial void LogNotSwept(Exception error);

    [LoggerMessage(1053, LogLevel.Debug, "The book of jobs did not answer; it is told again in two seconds.")]
    private partial void LogNotHeard(Exception error);
}
