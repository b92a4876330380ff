namespace Air.Orleans.Core.DataPlane.Control;

/// <summary>A part of a content: <paramref name="Length"/> bytes from <paramref name="Offset"/> on.</summary>
internal readonly record struct ContentRange(int Offset, int Length)
{
    public override string ToString() => $"bytes {Offset} to {(long)Offset + Length - 1}";
}

/// <summary>
/// Which ranges of a content are still to come, and whether it is worth to go on trying: as long as bytes come, and now and then a whole range.
/// Thread-safe.
/// </summary>
internal sealed class RangePlan
{
    private readonly Lock _lock = new();
    private readonly Queue<ContentRange> _missing = new();
    private readonly Dictionary<int, int> _wrongHashes = [];
    private readonly DataLimits _limits;
    private readonly TimeProvider _time;
    private long _lastByteAt;
    private int _setbacks;

    /// <param name="total">The length of the content.</param>
    /// <param name="done">How much of its beginning is there already.</param>
    /// <param name="limits">How long the ranges are, and how long to go on.</param>
    /// <param name="time">The clock.</param>
    public RangePlan(int total, int done, DataLimits limits, TimeProvider time)
    {
        (_limits, _time) = (limits, time);
        _lastByteAt = time.GetTimestamp();
        for (long offset = done; offset < total; offset += limits.RangeBytes)
        {
            _missing.Enqueue(new ContentRange((int)offset, (int)Math.Min(limits.RangeBytes, total - offset)));
        }
    }

    /// <summary>How many ranges nobody is fetching.</summary>
    public int Missing
    {
        get
        {
            lock (_lock)
            {
                return _missing.Count;
            }
        }
    }

    /// <summary>Takes a range to fetch.</summary>
    public bool TryTake(out ContentRange range)
    {
        lock (_lock)
        {
            return _missing.TryDequeue(out range);
        }
    }

    /// <summary>Bytes came.</summary>
    public void Heard() => Volatile.Write(ref _lastByteAt, _time.GetTimestamp());

    /// <summary>A range is there, and its hash is right.</summary>
    public void Done()
    {
        lock (_lock)
        {
            _setbacks = 0;
        }
    }

    /// <summary>A range did not come; whether another connection should try.</summary>
    public bool GiveBack(ContentRange range)
    {
        lock (_lock)
        {
            _missing.Enqueue(range);
            return MayGoOn();
        }
    }

    /// <summary>Nothing could be asked for; whether to try again.</summary>
    public bool Failed()
    {
        lock (_lock)
        {
            return MayGoOn();
        }
    }

    /// <summary>A range came with a wrong hash; whether to fetch it again.</summary>
    public bool HashWrong(ContentRange range)
    {
        lock (_lock)
        {
            var times = _wrongHashes[range.Offset] = _wrongHashes.GetValueOrDefault(range.Offset) + 1;
            _missing.Enqueue(range);
            return times < _limits.HashAttempts;
        }
    }

    private bool MayGoOn() =>
        ++_setbacks < _limits.Attempts && _time.GetElapsedTime(Volatile.Read(ref _lastByteAt)) < _limits.Patience;
}
