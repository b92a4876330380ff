using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Air.Orleans.Core.Storage;

namespace Air.Orleans.Core.Jobs;

/// <summary>
/// What an attempt of a job wrote, in the cluster's storage: segments in a ring, so that of a long output the end is kept. Each segment begins
/// with its number. May block. Safe to use from any thread.
/// </summary>
internal sealed class JobLog(IServiceProvider services)
{
    /// <summary>How long a segment is at most, with its number.</summary>
    public const int SegmentBytes = 64 << 10;

    /// <summary>How many segments of an attempt are kept: 16 MB.</summary>
    public const int Segments = 256;

    private const int HeadBytes = sizeof(long);

    private readonly ByteStorage _storage = new(services, "air.job.log", GrainType.Create("air.core.job-log"));

    /// <summary>Keeps a segment in place of what stood there.</summary>
    public Task WriteAsync(string job, int attempt, long number, ReadOnlyMemory<byte> lines)
    {
        var content = new byte[HeadBytes + lines.Length];
        BinaryPrimitives.WriteInt64LittleEndian(content, number);
        lines.CopyTo(content.AsMemory(HeadBytes));
        return _storage.WriteAsync(Key(job, attempt, number), content);
    }

    /// <summary>Reads on from a position, over segments that are gone, up to about a segment of lines.</summary>
    public async Task<JobLogPage> ReadAsync(string job, JobLogPosition position)
    {
        var (segment, offset) = (position.Segment, position.Offset);
        for (var looked = 0; looked <= Segments; looked++)
        {
            if (await ReadSegmentAsync(job, position.Attempt, segment) is not { } read || read.Number < segment)
            {
                break;
            }

            if (read.Number > segment)
            {
                // Its place was taken by a newer one; the oldest that may be left is a round before the next.
                segment = Math.Max(segment + 1, read.Number - Segments + 1);
                offset = 0;
                continue;
            }

            if (read.Lines.Length > offset)
            {
                return new JobLogPage(
                    Parse(position.Attempt, read.Lines.Span[offset..]),
                    new JobLogPosition(position.Attempt, segment, read.Lines.Length)
                );
            }

            // Whether it is full only the next one tells.
            if (await ReadSegmentAsync(job, position.Attempt, segment + 1) is not { } next || next.Number <= segment)
            {
                break;
            }

            (segment, offset) = (segment + 1, 0);
        }

        return new JobLogPage([], new JobLogPosition(position.Attempt, segment, offset));
    }

    /// <summary>Deletes what an attempt wrote.</summary>
    public async Task DeleteAsync(string job, int attempt)
    {
        var count = 0;
        while (count < Segments && await _storage.ReadAsync(Key(job, attempt, count), Memory<byte>.Empty) is not null)
        {
            count++;
        }

        // From the end, so that what is left where this fails is found from the beginning.
        for (var segment = count - 1; segment >= 0; segment--)
        {
            await _storage.DeleteAsync(Key(job, attempt, segment));
        }
    }

    /// <summary>A line as it is kept.</summary>
    public static byte[] Format(DateTimeOffset at, bool isError, string text)
    {
        var plain = text.Replace('\r', ' ').Replace('\n', ' ');
        var mark = isError ? 'e' : 'o';
        return Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{at.ToUnixTimeMilliseconds():x} {mark} {plain}\n")
        );
    }

    private static JobLogLine[] Parse(int attempt, ReadOnlySpan<byte> bytes)
    {
        var lines = new List<JobLogLine>();
        while (bytes.IndexOf((byte)'\n') is >= 0 and var end)
        {
            var line = Encoding.UTF8.GetString(bytes[..end]);
            bytes = bytes[(end + 1)..];
            var cut = line.IndexOf(' ', StringComparison.Ordinal);
            var at = long.Parse(line.AsSpan(0, cut), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            lines.Add(
                new JobLogLine(
                    attempt,
                    DateTimeOffset.FromUnixTimeMilliseconds(at),
                    line[cut + 1] == 'e',
                    line[(cut + 3)..]
                )
            );
        }

        return [.. lines];
    }

    private async Task<(long Number, ReadOnlyMemory<byte> Lines)?> ReadSegmentAsync(
        string job,
        int attempt,
        long segment
    )
    {
        var buffer = new byte[SegmentBytes];
        return
            await _storage.ReadAsync(Key(job, attempt, segment), buffer) is { } length
            && length is >= HeadBytes and <= SegmentBytes
            ? (BinaryPrimitives.ReadInt64LittleEndian(buffer), buffer.AsMemory(HeadBytes, (int)length - HeadBytes))
            : null;
    }

    private static string Key(string job, int attempt, long segment) =>
        string.Create(CultureInfo.InvariantCulture, $"{job}/{attempt}/{segment % Segments}");
}

/// <summary>A place in what a job wrote.</summary>
[GenerateSerializer, Immutable, Alias("air.core.JobLogPosition")]
internal sealed record JobLogPosition(
    [property: Id(0)] int Attempt,
    [property: Id(1)] long Segment,
    [property: Id(2)] int Offset
);

/// <summary>Lines after a position, the position after them, and whether no more will come.</summary>
[GenerateSerializer, Immutable, Alias("air.core.JobLogPage")]
internal sealed record JobLogPage(
    [property: Id(0)] JobLogLine[] Lines,
    [property: Id(1)] JobLogPosition Next,
    [property: Id(2)] bool IsEnd = false
);
