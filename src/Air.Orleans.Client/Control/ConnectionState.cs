namespace Air.Orleans.Control;

/// <summary>
/// From the answers of a cluster to whether it is up: the first answer says so, and two failures in a row say that it is not, as one may
/// have gone to a gateway that has just died. Thread-safe.
/// </summary>
internal sealed class ConnectionState(TimeProvider time)
{
    private const int FailuresUntilDown = 2;

    private readonly Lock _gate = new();
    private TaskCompletionSource _up = NewSignal();
    private ConnectionStatus _status = new(false, "the first connection is being made", time.GetUtcNow());
    private int _failures;

    public ConnectionStatus Status
    {
        get
        {
            lock (_gate)
            {
                return _status;
            }
        }
    }

    /// <summary>Ends when the cluster is up.</summary>
    public Task Up
    {
        get
        {
            lock (_gate)
            {
                return _up.Task;
            }
        }
    }

    public void Answered()
    {
        lock (_gate)
        {
            _failures = 0;
            if (!_status.IsUp)
            {
                _status = new ConnectionStatus(true, "", time.GetUtcNow());
                _up.SetResult();
            }
        }
    }

    /// <summary>Whether the cluster is taken for lost now.</summary>
    public bool Failed(string why)
    {
        lock (_gate)
        {
            _failures++;
            if (_status.IsUp && _failures < FailuresUntilDown)
            {
                return false;
            }

            if (_status.IsUp)
            {
                _up = NewSignal();
            }

            _status = new ConnectionStatus(false, why, _status.IsUp ? time.GetUtcNow() : _status.Since);
            return true;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
