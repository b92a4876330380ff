using Air.Orleans.Core.Jobs.Control;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources;
using Air.Orleans.Core.Resources.Control;
using Air.Orleans.Core.Security;
using Air.Orleans.Core.Shipping.Grains;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace Air.Orleans.Core.Jobs.Grains;

/// <inheritdoc cref="IJobBookGrain"/>
[GrainType("air.core.jobs"), Reentrant, KeepAlive]
internal sealed partial class JobBookGrain(
    [PersistentState("air.core.jobs", AirOptions.StorageName)] IPersistentState<JobBookState> state,
    IManagementView membership,
    JobAgents agents,
    JobLog log,
    JobThreads threads,
    LeaseKeeper keeper,
    SecurityGate gate,
    TimeProvider time,
    ILogger<JobBookGrain> logger
) : Grain, IJobBookGrain
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SettleInterval = TimeSpan.FromHours(1);

    private readonly ChangeSignal _changed = new();
    private readonly HashSet<(string Job, int Attempt)> _begun = [];

    /// <summary>Silos that drain: they begin no attempt any more.</summary>
    private readonly HashSet<SiloAddress> _closed = [];

    /// <summary>Bundles that are held for jobs which are being submitted.</summary>
    private readonly List<JobPin> _coming = [];

    /// <summary>Names of jobs that are being forgotten; each ends when that is done.</summary>
    private readonly Dictionary<string, Task> _forgetting = [];

    private SharedWrite? _write;
    private Task _settling = Task.CompletedTask;
    private Task _driving = Task.CompletedTask;
    private bool _driveAgain;

    private JobBook Book => state.State.Book;

    private ICodeBookGrain Code => GrainFactory.GetGrain<ICodeBookGrain>(0);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // The activation before this may have ended between the two books.
        Settle();
        this.RegisterGrainTimer(
            _ =>
            {
                Settle();
                return _settling;
            },
            new GrainTimerCreationOptions(SettleInterval, SettleInterval) { Interleave = true, KeepAlive = true }
        );
        return Task.CompletedTask;
    }

    public async Task<JobInfo> SubmitAsync(JobSubmission job)
    {
        JobsDoor.CheckName(job.Name);
        gate.ThrowIfVariablesRefused($"Job '{job.Name}'", job.Environment.Keys);
        while (!_settling.IsCompleted || _forgetting.ContainsKey(job.Name))
        {
            await _settling;
            await _forgetting.GetValueOrDefault(job.Name, Task.CompletedTask);
        }

        Book.Check(job);
        await TakeAsync(job);
        // Also where it is known: the write of a call before may have failed.
        await WriteAsync();
        Drive();
        return Book.Find(job.Name)!.Info;
    }

    public Task<JobInfo[]> ListAsync() => Task.FromResult<JobInfo[]>([.. Book.All.Select(static job => job.Info)]);

    public async Task<JobInfo?> WatchAsync(string name)
    {
        var deadline = time.GetUtcNow() + Patience;
        while (true)
        {
            var change = _changed.Next;
            var info = Book.Find(name)?.Info;
            var left = deadline - time.GetUtcNow();
            if (info is null || info.State.HasEnded || left <= TimeSpan.Zero)
            {
                return info;
            }

            await Task.WhenAny(change, Task.Delay(left, time));
        }
    }

    public async Task StopAsync(string name)
    {
        if (Book.Stop(name, time.GetUtcNow()))
        {
            await WriteAsync();
            Drive();
        }
    }

    public async Task DeleteAsync(string name)
    {
        if (Book.Ended(name) is { } job)
        {
            await ForgetAsync(job);
        }
    }

    public async Task<JobLogPage?> LogAsync(string name, JobLogPosition position)
    {
        if (Book.Find(name) is not { } job)
        {
            return null;
        }

        if (position.Attempt > job.Info.Attempt)
        {
            return new JobLogPage([], position, job.Info.State.HasEnded);
        }

        var page = await threads.LogAsync(
            $"read the log of job {name}",
            () => log.ReadAsync(name, position).GetAwaiter().GetResult(),
            CancellationToken.None
        );
        // What is over before it is read is read whole.
        return page.Lines.Length > 0 ? page
            : position.Attempt < job.Info.Attempt ? page with { Next = new JobLogPosition(position.Attempt + 1, 0, 0) }
            : page with { IsEnd = job.Info.State.HasEnded };
    }

    public async Task<JobReport[]> PokeAsync(SiloAddress silo, JobReport[] reports)
    {
        if (reports.Any(static report => report.End is { IsLost: true }))
        {
            // It stops, so that what it gives up must not come back to it.
            _closed.Add(silo);
        }

        var news = reports.Count(report => Book.Read(report, time.GetUtcNow()));
        if (news > 0)
        {
            await WriteAsync();
        }

        var known = reports.Where(report => report.End is not null).ToArray();
        foreach (var report in reports.Where(static report => report.End is null))
        {
            // The process of an attempt that is over for the book must end.
            if (
                Book.Find(report.Name) is not { Info.State: JobState.Running } job
                || job.Info.Attempt != report.Attempt
            )
            {
                await agents[silo].StopAsync(report.Name, report.Attempt);
            }
        }

        Drive();
        return known;
    }

    /// <summary>Holds the job's code, and enters it; where it is refused nothing stays held.</summary>
    private async Task TakeAsync(JobSubmission job)
    {
        var pin = new JobPin(job.Code, job.Name);
        _coming.Add(pin);
        try
        {
            if (Book.Find(job.Name) is null && !await Code.PinAsync(pin.Code, pin.Holder))
            {
                throw new AirException($"The cluster does not keep the code of job '{job.Name}'. Submit it again.");
            }

            Book.Submit(job, time.GetUtcNow());
            _coming.Remove(pin);
        }
        catch
        {
            _coming.Remove(pin);
            Settle();
            throw;
        }
    }

    /// <summary>Has the book of code hold what the jobs of this one need and nothing else for jobs, in the background.</summary>
    private void Settle()
    {
        if (_settling.IsCompleted)
        {
            _settling = SettleAsync();
        }
    }

    private async Task SettleAsync()
    {
        try
        {
            var kept = await Code.ListAsync();
            foreach (var pin in JobPins.Strays(kept, Book, _coming))
            {
                await Code.UnpinAsync(pin.Code, pin.Holder);
                LogLetGo(pin.Code, pin.Job);
            }

            foreach (var pin in JobPins.Missing(kept, Book))
            {
                await Code.PinAsync(pin.Code, pin.Holder);
            }
        }
        catch (Exception error)
        {
            LogNotSettled(error);
        }
    }

    /// <summary>Brings all jobs forward, in the background; one at a time.</summary>
    private void Drive()
    {
        _driveAgain = true;
        if (_driving.IsCompleted)
        {
            _driving = DriveAllAsync();
        }
    }

    private async Task DriveAllAsync()
    {
        while (_driveAgain)
        {
            _driveAgain = false;
            var active = await membership.ActiveSilosAsync();
            foreach (var job in Book.Open.OrderBy(static job => job.Info.CreatedAt).ToList())
            {
                try
                {
                    await DriveAsync(job, active);
                }
                catch (Exception error)
                {
                    // The next poke tries again.
                    LogNotDriven(job.Info.Name, error);
                }
            }

            foreach (var name in Book.Surplus())
            {
                await ForgetAsync(Book.Ended(name)!);
            }
        }
    }

    private async Task DriveAsync(JobEntry job, IReadOnlyCollection<SiloAddress> active)
    {
        var name = job.Info.Name;
        if (job.Info.State == JobState.Pending)
        {
            if (
                await FindSiloAsync(job, active) is not { } silo
                || Book.Find(name) is not { Info.State: JobState.Pending }
            )
            {
                return;
            }

            // Written first: whoever comes after a crash must know where the process may be.
            job = Book.Start(name, silo, time.GetUtcNow());
            await WriteAsync();
        }

        if (job.Silo is not { } at)
        {
            return;
        }

        if (!active.Contains(at))
        {
            Book.Lose(name, "its silo was lost", time.GetUtcNow());
            LogLost(name, at);
            await WriteAsync();
            _driveAgain = true;
            return;
        }

        if (!_begun.Contains((name, job.Info.Attempt)))
        {
            // Idempotent: the silo knows the attempts that it has begun.
            if (!await agents[at].StartAsync(job.Submission, job.Info.Attempt))
            {
                _closed.Add(at);
                Book.Refuse(name, job.Info.Attempt);
                await WriteAsync();
                _driveAgain = true;
                return;
            }

            _begun.Add((name, job.Info.Attempt));
        }

        if (Book.Find(name)?.IsStopped == true)
        {
            await agents[at].StopAsync(name, job.Info.Attempt);
        }
    }

    private async Task<SiloAddress?> FindSiloAsync(JobEntry job, IReadOnlyCollection<SiloAddress> active)
    {
        var (name, needs) = (job.Info.Name, job.Submission.Resources);
        if (new ResourceSet().Covers(needs))
        {
            var loads = Book
                .Open.Where(static open => open.Silo is not null)
                .CountBy(static open => open.Silo!)
                .ToDictionary();
            _closed.IntersectWith(active);
            return active
                .Where(silo => !_closed.Contains(silo))
                .OrderBy(silo => loads.GetValueOrDefault(silo))
                .FirstOrDefault();
        }

        var request = new PlacementRequest
        {
            Id = JobSubmission.LeaseId(name, job.Info.Attempt + 1),
            Bundles = [new Bundle { Resources = needs }],
            Purpose = JobPin.HolderOf(name),
            HeldBySilo = true,
        };
        if (request.Fault() is { } fault)
        {
            Book.Fail(name, fault, time.GetUtcNow());
            await WriteAsync();
            return null;
        }

        switch (await keeper.AskAsync(request))
        {
            case LeaseGranted granted:
                return granted.Bundles[0].Silo;
            case LeaseRefused refused:
                Book.Fail(name, refused.Reason, time.GetUtcNow());
                await WriteAsync();
                return null;
            case LeasePending pending:
                if (Book.Wait(name, $"it {pending.Reason}"))
                {
                    await WriteAsync();
                }

                return null;
            default:
                return null;
        }
    }

    /// <summary>
    /// Until it ends nobody can have the name again, whose log and code it would take away. The job goes last: where this fails it is there still,
    /// and can be deleted again.
    /// </summary>
    private async Task ForgetAsync(JobEntry job)
    {
        var name = job.Info.Name;
        if (_forgetting.TryGetValue(name, out var already))
        {
            await already;
            return;
        }

        var forgotten = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _forgetting.Add(name, forgotten.Task);
        try
        {
            await threads.LogAsync(
                $"delete the log of job {name}",
                () =>
                {
                    for (var attempt = 1; attempt <= job.Info.Attempt; attempt++)
                    {
                        log.DeleteAsync(name, attempt).GetAwaiter().GetResult();
                    }

                    return true;
                },
                CancellationToken.None
            );
            await Code.UnpinAsync(job.Info.Code, JobPin.HolderOf(name));
            _begun.RemoveWhere(begun => begun.Job == name);
            Book.Remove(name);
            await WriteAsync();
        }
        finally
        {
            _forgetting.Remove(name);
            forgotten.SetResult();
        }
    }

    private async Task WriteAsync()
    {
        _changed.Set();
        await (_write ??= new SharedWrite(() => state.WriteStateAsync())).RunAsync();
    }

    [LoggerMessage(1054, LogLevel.Warning, "Silo {Silo} was lost, and job '{Job}' with it.")]
    private partial void LogLost(string job, SiloAddress silo);

    [LoggerMessage(1056, LogLevel.Information, "Code {Code} is not held any more for job '{Job}', which there is not.")]
    private partial void LogLetGo(string code, string job);

    [LoggerMessage(
        1057,
        LogLevel.Warning,
        "What is held for jobs could not be compared with the jobs; that is tried again in an hour."
    )]
    private partial void LogNotSettled(Exception error);

    [LoggerMessage(
        1055,
        LogLevel.Debug,
        "Job '{Job}' could not be brought forward; that is tried again in two seconds."
    )]
    private partial void LogNotDriven(string job, Exception error);
}

/// <summary>What the book keeps.</summary>
[GenerateSerializer, Alias("air.core.JobBookState")]
internal sealed class JobBookState
{
    [Id(0)]
    public JobBook Book { get; set; } = new();
}
