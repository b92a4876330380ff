namespace Air.Orleans.Core;

/// <summary>A bundle of code that the cluster keeps. Immutable and thread-safe.</summary>
[GenerateSerializer, Immutable, Alias("air.core.CodeInfo")]
public sealed record CodeInfo
{
    /// <summary>SHA-256 of its files' names and contents, in hexadecimal: the same for the same files.</summary>
    [Id(0)]
    public required string Hash { get; init; }

    /// <summary>The name under which it came first.</summary>
    [Id(1)]
    public required string Name { get; init; }

    /// <summary>How many files it has.</summary>
    [Id(2)]
    public required int Files { get; init; }

    /// <summary>How long its files are together, in bytes.</summary>
    [Id(3)]
    public required long Bytes { get; init; }

    /// <summary>When it was sent, in UTC.</summary>
    [Id(4)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When a silo or a job used it last, in UTC; told about once an hour.</summary>
    [Id(5)]
    public required DateTimeOffset UsedAt { get; init; }

    /// <summary>The jobs that need it; it is kept for as long as there are any.</summary>
    [Id(6)]
    public IReadOnlyList<string> HeldBy { get; init; } = [];
}
