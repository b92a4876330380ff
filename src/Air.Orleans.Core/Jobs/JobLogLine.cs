namespace Air.Orleans.Core;

/// <summary>A line that a job's program wrote.</summary>
/// <param name="Attempt">Which start of the program wrote it, from 1.</param>
/// <param name="At">When the silo read it, in UTC.</param>
/// <param name="IsError">Whether it came from standard error.</param>
/// <param name="Text">The line; of a longer one than 16,384 characters the first.</param>
[GenerateSerializer, Immutable, Alias("air.core.JobLogLine")]
public sealed record JobLogLine(
    [property: Id(0)] int Attempt,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] bool IsError,
    [property: Id(3)] string Text
);
