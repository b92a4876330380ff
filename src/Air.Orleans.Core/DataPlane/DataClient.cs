using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using Air.Orleans.Core.Diagnostics;
using Air.Orleans.Core.Security;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Air.Orleans.Core.DataPlane;

/// <summary>The data plane's end of whoever fetches or sends; it keeps connections for a while. One for each process's services. Thread-safe.</summary>
internal sealed class DataClient : IDisposable
{
    private const string Put = "put";

    private static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<DataEndpoint, DataConnections> _silos = new();
    private readonly ClusterTls _tls;
    private readonly ClusterSecret _secret;
    private readonly DataLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _sweep;

    public DataClient(
        ClusterTls tls,
        ClusterSecret secret,
        DataLimits limits,
        TimeProvider time,
        ILogger<DataClient>? logger = null
    )
    {
        (_tls, _secret, _limits, _time) = (tls, secret, limits, time);
        _logger = logger ?? NullLogger<DataClient>.Instance;
        _sweep = time.CreateTimer(
            static state => ((DataClient)state!).Sweep(),
            this,
            limits.ClientIdle / 2,
            limits.ClientIdle / 2
        );
    }

    /// <summary>Fetches what <paramref name="endpoint"/> keeps under <paramref name="key"/> and reads it as it comes.</summary>
    /// <exception cref="AirException">The silo answered with an error, or cannot be reached.</exception>
    public Task<T> GetAsync<T>(
        DataEndpoint endpoint,
        string key,
        Func<Stream, Task<T>> read,
        CancellationToken cancellationToken
    ) =>
        ExchangeAsync(
            endpoint,
            key,
            "get",
            async connection =>
            {
                await connection.AskAsync(new DataRequest(DataVerb.Get, 0, 0, 0), key);
                await connection.AnswerAsync();
                await using var pieces = connection.Pieces();
                T result;
                try
                {
                    result = await read(pieces);
                }
                catch (AirException error) when (pieces.HasEnded)
                {
                    connection.End();
                    throw new AirException($"The silo could not move '{key}': {error.Message}", error);
                }

                if (await pieces.DrainAsync(DataLimits.MostPieceBytes))
                {
                    connection.End();
                }

                return result;
            },
            cancellationToken
        );

    /// <summary>
    /// Fetches content of an <see cref="IMemorySource"/> into memory of the caller's choice, which is asked for as soon as the length is known:
    /// by ranges, over several connections, each range checked by its hash. Nobody writes into the memory any more when this has ended.
    /// </summary>
    /// <exception cref="AirException">The silo answered with an error, cannot be reached, or sent nothing for too long.</exception>
    public async Task<Memory<byte>> FetchAsync(
        DataEndpoint endpoint,
        string key,
        Func<long, ValueTask<Memory<byte>>> reserve,
        CancellationToken cancellationToken
    )
    {
        var startedAt = Stopwatch.GetTimestamp();
        try
        {
            var fetch = new RangedFetch(ConnectionsTo(endpoint), endpoint, key, _limits, _time, _logger);
            var memory = await fetch.RunAsync(reserve, cancellationToken);
            TransferMeter.Done("fetch", startedAt);
            return memory;
        }
        catch (Exception error) when (IsLoss(error) || error.GetType() == typeof(AirException))
        {
            throw Failed(endpoint, key, error);
        }
    }

    /// <summary>Sends <paramref name="content"/> to be kept under <paramref name="key"/>.</summary>
    /// <exception cref="BlockSpaceException">The silo has no room for it; the text is the silo's own.</exception>
    /// <exception cref="AirException">The silo answered with an error, or cannot be reached.</exception>
    public Task PutAsync(
        DataEndpoint endpoint,
        string key,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    ) =>
        ExchangeAsync(
            endpoint,
            key,
            Put,
            async connection =>
            {
                await connection.AskAsync(new DataRequest(DataVerb.Put, 0, content.Length, 0), key);
                await connection.PutAsync(content, cancellationToken);
                connection.End();
                return true;
            },
            cancellationToken
        );

    public void Dispose()
    {
        _sweep.Dispose();
        foreach (var silo in _silos.Values)
        {
            silo.Close();
        }
    }

    /// <summary>Whether the silo, or the way to it, is gone.</summary>
    public static bool IsLoss(Exception error) =>
        error
            is IOException
                or InvalidDataException
                or SocketException
                or BrokenCircuitException
                or TimeoutRejectedException;

    private async Task<T> ExchangeAsync<T>(
        DataEndpoint endpoint,
        string key,
        string kind,
        Func<DataConnection, Task<T>> exchange,
        CancellationToken cancellationToken
    )
    {
        var startedAt = Stopwatch.GetTimestamp();
        var connections = ConnectionsTo(endpoint);
        while (true)
        {
            DataConnection? connection = null;
            try
            {
                connection = await connections.TakeAsync(cancellationToken);
                var result = await exchange(connection);
                TransferMeter.Done(kind, startedAt);
                return result;
            }
            catch (Exception error) when (IsLoss(error) && connection is { IsReused: true, HasAnswered: false })
            {
                // The silo closed it while nobody used it. In the end there is a new one.
                TransferMeter.Retried("connection");
            }
            catch (Exception error) when (connection?.HasStalled(error, cancellationToken) == true)
            {
                var limit = kind == Put ? _limits.PutStall : _limits.Stall;
                throw Failed(endpoint, key, new IOException($"no byte came for {limit.TotalSeconds:0.#} s", error));
            }
            catch (BlockSpaceException error)
            {
                throw new BlockSpaceException($"The silo at {endpoint.Host}:{endpoint.Port}: {error.Message}", error);
            }
            catch (Exception error) when (IsLoss(error) || error.GetType() == typeof(AirException))
            {
                throw Failed(endpoint, key, error);
            }
            finally
            {
                if (connection is not null)
                {
                    connections.Give(connection);
                }
            }
        }
    }

    private DataConnections ConnectionsTo(DataEndpoint endpoint) =>
        _silos.GetOrAdd(
            endpoint,
            static (endpoint, client) =>
                new DataConnections(endpoint, client._tls, client._secret, client._limits, client._time),
            this
        );

    private void Sweep()
    {
        foreach (var (endpoint, silo) in _silos)
        {
            if (silo.Sweep(ForgetAfter) && _silos.TryRemove(endpoint, out var forgotten))
            {
                forgotten.Close();
            }
        }
    }

    private static AirException Failed(DataEndpoint endpoint, string key, Exception error) =>
        new(
            $"'{key}' could not be moved from or to the silo at {endpoint.Host}:{endpoint.Port}: {error.Message}",
            error
        );
}
