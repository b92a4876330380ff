namespace Air.Orleans.Core;

/// <summary>A program that runs in the cluster, or ran there, as its book has it. Immutable and thread-safe.</summary>
[GenerateSerializer, Immutable, Alias("air.core.JobInfo")]
public sealed record JobInfo
{
    /// <summary>The job's name, which no other has.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(1)]
    public required JobState State { get; init; }

    /// <summary>The program's file, in its bundle.</summary>
    [Id(2)]
    public required string Program { get; init; }

    /// <summary>What the program is given.</summary>
    [Id(3)]
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The hash of the bundle that holds the program.</summary>
    [Id(4)]
    public required string Code { get; init; }

    /// <summary>When it was submitted, in UTC.</summary>
    [Id(5)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was started last, in UTC.</summary>
    [Id(6)]
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended, in UTC.</summary>
    [Id(7)]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How often it was started; more than once where its silo was lost.</summary>
    [Id(8)]
    public int Attempt { get; init; }

    /// <summary>The silo that runs it or ran it last, "host:port@generation".</summary>
    [Id(9)]
    public string? Silo { get; init; }

    /// <summary>The exit code of its process.</summary>
    [Id(10)]
    public int? ExitCode { get; init; }

    /// <summary>What it waits for, in words.</summary>
    /// <value>Empty where there is nothing to say.</value>
    [Id(11)]
    public string Detail { get; init; } = "";

    /// <summary>Why it failed.</summary>
    [Id(12)]
    public string? Error { get; init; }
}

/// <summary>The states of jobs.</summary>
[GenerateSerializer, Alias("air.core.JobState")]
public enum JobState
{
    /// <summary>It waits for resources, or for a silo.</summary>
    Pending,

    /// <summary>Its process runs, or is being started.</summary>
    Running,

    /// <summary>Its process ended with exit code 0.</summary>
    Succeeded,

    /// <summary>Its process ended with another exit code, could not be started, or was lost with its silo.</summary>
    Failed,

    /// <summary>It was stopped.</summary>
    Stopped,
}

/// <summary>What follows from a state.</summary>
internal static class JobStateExtensions
{
    extension(JobState state)
    {
        public bool HasEnded => state is JobState.Succeeded or JobState.Failed or JobState.Stopped;
    }
}
