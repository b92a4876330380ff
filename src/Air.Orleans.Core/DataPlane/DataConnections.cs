using Air.Orleans.Core.Security;

namespace Air.Orleans.Core.DataPlane;

/// <summary>A client's connections to one silo: those that are not used are kept for a while. Thread-safe.</summary>
internal sealed class DataConnections(
    DataEndpoint endpoint,
    ClusterTls tls,
    ClusterSecret secret,
    DataLimits limits,
    TimeProvider time
)
{
    private readonly EndpointCircuit _circuit = new(limits);
    private readonly byte[] _key = DataHandshake.KeyOf(endpoint.Secret, secret);
    private readonly Stack<DataConnection> _idle = new();
    private long _lastUse = time.GetTimestamp();
    private bool _isClosed;

    /// <summary>A connection for one exchange, which has begun; the caller gives it back.</summary>
    public async ValueTask<DataConnection> TakeAsync(CancellationToken cancellationToken)
    {
        while (TakeIdle() is { } idle)
        {
            if (idle.IsAlive)
            {
                idle.Begin(cancellationToken);
                return idle;
            }

            idle.Dispose();
        }

        var socket = await _circuit.ConnectAsync(endpoint, cancellationToken);
        var connection = await DataConnection.ProveAsync(socket, _key, tls, limits, cancellationToken);
        connection.Begin(cancellationToken);
        return connection;
    }

    /// <summary>Keeps the connection for later, or closes it where its exchange was not brought to its end.</summary>
    public void Give(DataConnection connection)
    {
        lock (_idle)
        {
            _lastUse = time.GetTimestamp();
            if (connection.IsIdle && !_isClosed && _idle.Count < limits.MostIdle)
            {
                // Its caller's cancellation must not reach it any more.
                connection.Begin(CancellationToken.None);
                connection.End();
                connection.IdleSince = _lastUse;
                _idle.Push(connection);
                return;
            }
        }

        connection.Dispose();
    }

    /// <summary>Closes those that were not used for a while; whether the silo was not used at all for so long that it may be forgotten.</summary>
    public bool Sweep(TimeSpan forgetAfter)
    {
        List<DataConnection> old = [];
        bool isForgotten;
        lock (_idle)
        {
            var kept = _idle.Where(it => time.GetElapsedTime(it.IdleSince) < limits.ClientIdle).Reverse().ToList();
            old.AddRange(_idle.Except(kept));
            _idle.Clear();
            kept.ForEach(_idle.Push);
            isForgotten = _idle.Count == 0 && time.GetElapsedTime(_lastUse) > forgetAfter;
        }

        old.ForEach(static connection => connection.Dispose());
        return isForgotten;
    }

    /// <summary>Closes all that are not used, and those that are when they are given back.</summary>
    public void Close()
    {
        lock (_idle)
        {
            _isClosed = true;
            while (_idle.TryPop(out var connection))
            {
                connection.Dispose();
            }
        }
    }

    private DataConnection? TakeIdle()
    {
        lock (_idle)
        {
            _lastUse = time.GetTimestamp();
            return _idle.TryPop(out var connection) ? connection : null;
        }
    }
}
