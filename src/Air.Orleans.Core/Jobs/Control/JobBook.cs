namespace Air.Orleans.Core.Jobs.Control;

/// <summary>All jobs and where they stand: pure decisions. Of those that ended, the latest are kept. Not thread-safe.</summary>
[GenerateSerializer, Alias("air.core.JobBook")]
internal sealed class JobBook
{
    /// <summary>How many ended jobs are kept.</summary>
    public const int KeptEnded = 500;

    [Id(0)]
    private readonly Dictionary<string, JobEntry> _jobs = [];

    /// <summary>All, the newest first.</summary>
    public IEnumerable<JobEntry> All => _jobs.Values.OrderByDescending(static job => job.Info.CreatedAt);

    /// <summary>Those that have not ended.</summary>
    public IEnumerable<JobEntry> Open => _jobs.Values.Where(static job => !job.Info.State.HasEnded);

    public JobEntry? Find(string name) => _jobs.GetValueOrDefault(name);

    /// <summary>Whether a job can be submitted under its name.</summary>
    /// <exception cref="AirException">Another job has the name.</exception>
    public void Check(JobSubmission job)
    {
        if (Find(job.Name) is { } known && known.Submission.Id != job.Id)
        {
            throw new AirException(
                $"There is a job '{job.Name}' already ({known.Info.State}). Give another name, or delete it first ('air jobs delete {job.Name}')."
            );
        }
    }

    /// <summary>A job is submitted. Gives whether it is news: the same submission may come twice.</summary>
    /// <exception cref="AirException">Another job has the name.</exception>
    public bool Submit(JobSubmission job, DateTimeOffset now)
    {
        Check(job);
        if (Find(job.Name) is not null)
        {
            return false;
        }

        var info = new JobInfo
        {
            Name = job.Name,
            State = JobState.Pending,
            Program = job.Entry,
            Arguments = job.Arguments,
            Code = job.Code,
            CreatedAt = now,
        };
        _jobs.Add(job.Name, new JobEntry(info, job, null, IsStopped: false));
        return true;
    }

    /// <summary>Says what a job waits for. Gives whether that is news.</summary>
    public bool Wait(string name, string why)
    {
        if (Find(name) is not { Info.State: JobState.Pending } job || job.Info.Detail == why)
        {
            return false;
        }

        _jobs[name] = job with { Info = job.Info with { Detail = why } };
        return true;
    }

    /// <summary>A job is to run on a silo, as its next attempt.</summary>
    public JobEntry Start(string name, SiloAddress silo, DateTimeOffset now)
    {
        var job = _jobs[name];
        var info = job.Info with
        {
            State = JobState.Running,
            Silo = silo.ToParsableString(),
            StartedAt = now,
            Attempt = job.Info.Attempt + 1,
            Detail = "",
        };
        return _jobs[name] = job with { Info = info, Silo = silo };
    }

    /// <summary>The silo of an attempt drains and does not begin it: the job waits again, and that counts as no retry.</summary>
    public void Refuse(string name, int attempt)
    {
        if (Find(name) is { Info.State: JobState.Running } job && job.Info.Attempt == attempt)
        {
            _jobs[name] = job with
            {
                Info = job.Info with { State = JobState.Pending, Detail = "its silo drains; it goes to another" },
                Silo = null,
                Uncounted = job.Uncounted + 1,
            };
        }
    }

    /// <summary>A job is to end. Gives whether that is news.</summary>
    public bool Stop(string name, DateTimeOffset now)
    {
        if (Find(name) is not { } job || job.Info.State.HasEnded || job.IsStopped)
        {
            return false;
        }

        _jobs[name] = job with { IsStopped = true };
        if (job.Info.State == JobState.Pending)
        {
            End(name, JobState.Stopped, null, null, now);
        }

        return true;
    }

    /// <summary>What a silo tells of a job's process. Gives whether that is news; tidings of another attempt are none.</summary>
    public bool Read(JobReport report, DateTimeOffset now)
    {
        if (
            Find(report.Name) is not { Info.State: JobState.Running } job
            || job.Info.Attempt != report.Attempt
            || report.End is not { } end
        )
        {
            return false;
        }

        if (job.IsStopped)
        {
            End(report.Name, JobState.Stopped, end.ExitCode, null, now);
        }
        else if (end.IsLost)
        {
            Leave(report.Name, now);
        }
        else
        {
            End(report.Name, end.ExitCode == 0 ? JobState.Succeeded : JobState.Failed, end.ExitCode, end.Error, now);
        }

        return true;
    }

    /// <summary>The silo of a job was lost, and the process with it: it begins again, or has failed.</summary>
    public void Lose(string name, string why, DateTimeOffset now)
    {
        var job = _jobs[name];
        if (job.IsStopped)
        {
            End(name, JobState.Stopped, null, null, now);
        }
        else if (job.Info.Attempt - job.Uncounted <= job.Submission.Retries)
        {
            _jobs[name] = job with
            {
                Info = job.Info with { State = JobState.Pending, Detail = $"begins again: {why}" },
                Silo = null,
            };
        }
        else
        {
            var cure =
                job.Submission.Retries == 0
                    ? "Submit it with --retries N to have it started again elsewhere."
                    : $"It was started {job.Info.Attempt - job.Uncounted} times, which is all that --retries {job.Submission.Retries} allows.";
            End(
                name,
                JobState.Failed,
                null,
                $"{why} (silo {job.Info.Silo}), and the program ended with it. {cure}",
                now
            );
        }
    }

    /// <summary>
    /// The silo of a job stops and has ended its process: where it may be started again at all, that is no failure and does not count.
    /// </summary>
    private void Leave(string name, DateTimeOffset now)
    {
        const string Why = "its silo stopped";
        var job = _jobs[name];
        if (job.Submission.Retries == 0)
        {
            Lose(name, Why, now);
            return;
        }

        _jobs[name] = job with
        {
            Info = job.Info with { State = JobState.Pending, Detail = $"begins again: {Why}" },
            Silo = null,
            Uncounted = job.Uncounted + 1,
        };
    }

    /// <summary>A job cannot run at all.</summary>
    public void Fail(string name, string why, DateTimeOffset now) => End(name, JobState.Failed, null, why, now);

    /// <summary>A job that has ended; null where there is none of that name.</summary>
    /// <exception cref="AirException">It has not.</exception>
    public JobEntry? Ended(string name)
    {
        if (Find(name) is not { } job)
        {
            return null;
        }

        if (!job.Info.State.HasEnded)
        {
            throw new AirException(
                $"Job '{name}' is {job.Info.State}, so it cannot be deleted. Stop it first ('air jobs stop {name}')."
            );
        }

        return job;
    }

    /// <summary>Forgets a job that has ended.</summary>
    /// <exception cref="AirException">It has not.</exception>
    public JobEntry? Remove(string name)
    {
        var job = Ended(name);
        _jobs.Remove(name);
        return job;
    }

    /// <summary>The ended jobs past the number that is kept, oldest first.</summary>
    public IReadOnlyList<string> Surplus() =>
        [
            .. _jobs
                .Values.Where(static job => job.Info.State.HasEnded)
                .OrderByDescending(static job => job.Info.EndedAt)
                .Skip(KeptEnded)
                .Select(static job => job.Info.Name),
        ];

    private void End(string name, JobState state, int? exitCode, string? error, DateTimeOffset now)
    {
        var job = _jobs[name];
        _jobs[name] = job with
        {
            Info = job.Info with { State = state, ExitCode = exitCode, Error = error, EndedAt = now, Detail = "" },
            Silo = null,
        };
    }
}

/// <summary>
/// A job: what is shown of it, what was asked for, the silo on which it should run now, whether somebody stopped it, and how many of its attempts
/// do not count, as their silos drained.
/// </summary>
[GenerateSerializer, Immutable, Alias("air.core.JobEntry")]
internal sealed record JobEntry(
    [property: Id(0)] JobInfo Info,
    [property: Id(1)] JobSubmission Submission,
    [property: Id(2)] SiloAddress? Silo,
    [property: Id(3)] bool IsStopped,
    [property: Id(4)] int Uncounted = 0
);

/// <summary>A job as it is asked for.</summary>
[GenerateSerializer, Immutable, Alias("air.core.JobSubmission")]
internal sealed record JobSubmission(
    [property: Id(0)] Guid Id,
    [property: Id(1)] string Name,
    [property: Id(2)] string Code,
    [property: Id(3)] string Entry,
    [property: Id(4)] string[] Arguments,
    [property: Id(5)] Dictionary<string, string> Environment,
    [property: Id(6)] ResourceSet Resources,
    [property: Id(7)] int Retries
)
{
    /// <summary>The name under which its resources are reserved for an attempt.</summary>
    public static string LeaseId(string name, int attempt) => $"job {name}/{attempt}";
}

/// <summary>What a silo tells of a job's process: that it runs, or how it ended.</summary>
[GenerateSerializer, Immutable, Alias("air.core.JobReport")]
internal sealed record JobReport(
    [property: Id(0)] string Name,
    [property: Id(1)] int Attempt,
    [property: Id(2)] JobEnd? End
);

/// <summary>How a job's process ended; lost where the silo ended it because it stops.</summary>
[GenerateSerializer, Immutable, Alias("air.core.JobEnd")]
internal sealed record JobEnd(
    [property: Id(0)] int? ExitCode,
    [property: Id(1)] string? Error,
    [property: Id(2)] bool IsLost
);
