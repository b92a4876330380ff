namespace Air.Orleans.Core;

/// <summary>A train run, tune run or deployment as the cluster's book has it. Immutable and thread-safe.</summary>
[GenerateSerializer, Immutable, Alias("air.core.RunInfo")]
public sealed record RunInfo
{
    /// <summary>The run's name; two runs of the same kind never share one.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    [Id(1)]
    public required RunKind Kind { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(2)]
    public required RunState State { get; init; }

    /// <summary>When it was asked for first, in UTC.</summary>
    [Id(3)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its state or detail changed last, in UTC.</summary>
    [Id(4)]
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>What it does or waits for, in words.</summary>
    /// <value>Empty where there is nothing to say.</value>
    [Id(5)]
    public string Detail { get; init; } = "";

    /// <summary>Why it failed.</summary>
    /// <value>Null where it did not.</value>
    [Id(6)]
    public string? Error { get; init; }
}

/// <summary>The kinds of runs.</summary>
[GenerateSerializer, Alias("air.core.RunKind")]
public enum RunKind
{
    /// <summary>A training.</summary>
    Train,

    /// <summary>A search; its trials are not listed by themselves.</summary>
    Tune,

    /// <summary>A served model.</summary>
    Deployment,
}

/// <summary>The states of runs.</summary>
[GenerateSerializer, Alias("air.core.RunState")]
public enum RunState
{
    /// <summary>It prepares, or waits for resources.</summary>
    Pending,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>Every silo was lost under it; it waits for <see cref="RunsDoor.ResumeAsync"/>.</summary>
    Interrupted,

    /// <summary>It came to its end.</summary>
    Succeeded,

    /// <summary>It was stopped, or deleted.</summary>
    Stopped,

    /// <summary>It ended with an error.</summary>
    Failed,
}

/// <summary>What follows from a state.</summary>
internal static class RunStateExtensions
{
    extension(RunState state)
    {
        public bool HasEnded => state is RunState.Succeeded or RunState.Stopped or RunState.Failed;
    }
}
