using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Jobs;

/// <summary>
/// Takes the lines of a running attempt, and writes them to the storage twice a second. What it cannot write it keeps for the next time, up to a
/// limit. Thread-safe.
/// </summary>
internal sealed partial class JobLogWriter(
    string job,
    int attempt,
    JobLog log,
    JobThreads threads,
    TimeProvider time,
    ILogger logger
)
{
    /// <summary>What is longer of a line is left out.</summary>
    public const int LongestLine = 16 << 10;

    private const int MostWaiting = 4 << 20;
    private const int MostTail = 40;

    private const int SegmentBytes = JobLog.SegmentBytes - sizeof(long);

    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _waiting = [];
    private readonly Queue<string> _errors = [];
    private readonly byte[] _segment = new byte[SegmentBytes];
    private int _waitingBytes;
    private int _left;
    private int _filled;
    private long _number;

    /// <summary>The last lines of standard error.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_gate)
            {
                return [.. _errors];
            }
        }
    }

    /// <summary>Takes a line.</summary>
    public void Add(bool isError, string text)
    {
        var cut = text.Length <= LongestLine ? text : text[..LongestLine];
        var line = JobLog.Format(time.GetUtcNow(), isError, cut);
        lock (_gate)
        {
            if (isError)
            {
                _errors.Enqueue(cut);
                if (_errors.Count > MostTail)
                {
                    _errors.Dequeue();
                }
            }

            if (_waitingBytes + line.Length > MostWaiting)
            {
                _left++;
                return;
            }

            if (_left > 0)
            {
                Enqueue(
                    JobLog.Format(
                        time.GetUtcNow(),
                        true,
                        $"[{_left} lines are left out: they came faster than they could be kept]"
                    )
                );
                _left = 0;
            }

            Enqueue(line);
        }
    }

    /// <summary>Writes what has come since the last time. One at a time.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                return;
            }
        }

        try
        {
            await threads.LogAsync($"log of job {job}", Flush, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogNotWritten(job, error);
        }
    }

    private void Enqueue(byte[] line)
    {
        _waiting.Enqueue(line);
        _waitingBytes += line.Length;
    }

    private bool Flush()
    {
        while (true)
        {
            var filled = _filled;
            var taken = new List<byte[]>();
            var isFull = false;
            lock (_gate)
            {
                foreach (var line in _waiting)
                {
                    if (filled + line.Length > SegmentBytes)
                    {
                        isFull = true;
                        break;
                    }

                    line.CopyTo(_segment.AsSpan(filled));
                    filled += line.Length;
                    taken.Add(line);
                }
            }

            if (taken.Count > 0)
            {
                log.WriteAsync(job, attempt, _number, _segment.AsMemory(0, filled)).GetAwaiter().GetResult();
                lock (_gate)
                {
                    foreach (var line in taken)
                    {
                        _waiting.Dequeue();
                        _waitingBytes -= line.Length;
                    }
                }

                _filled = filled;
            }

            if (!isFull)
            {
                return true;
            }

            _number++;
            _filled = 0;
        }
    }

    [LoggerMessage(1050, LogLevel.Warning, "What job '{Job}' wrote cannot be kept now; that is tried again.")]
    private partial void LogNotWritten(string job, Exception error);
}
