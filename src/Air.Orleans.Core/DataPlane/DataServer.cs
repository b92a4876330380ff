using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Air.Orleans.Core.Diagnostics;
using Air.Orleans.Core.Hosting;
using Air.Orleans.Core.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Air.Orleans.Core.DataPlane;

/// <summary>
/// The data plane's end in a silo: an endpoint of Kestrel on the silo's own address that hands out blocks and checkpoint shards and takes
/// shards in. Bytes never go through grain messages, which would stall the control plane behind them. Thread-safe.
/// </summary>
internal sealed partial class DataServer : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly Dictionary<string, IDataSource> _sources;
    private readonly DataLimits _limits;
    private readonly ClusterTls _tls;
    private readonly byte[] _key;
    private readonly TimeProvider _time;
    private readonly ILogger<DataServer> _logger;
    private readonly QuietLoggers _loggers;
    private readonly Socket _socket;
    private readonly KestrelServer _kestrel;
    private int _handshakes;
    private int _connections;

    public DataServer(
        IEnumerable<IDataSource> sources,
        ILocalSiloDetails silo,
        AirOptions options,
        ClusterTls tls,
        ClusterSecret secret,
        DataLimits limits,
        IServiceProvider services,
        ILoggerFactory loggers,
        TimeProvider time
    )
    {
        _sources = sources.ToDictionary(static source => source.Scheme);
        _limits = limits;
        _tls = tls;
        _time = time;
        _logger = loggers.CreateLogger<DataServer>();
        _loggers = new QuietLoggers(loggers);
        _socket = Bind(new IPEndPoint(silo.SiloAddress.Endpoint.Address, options.DataPort));
        var address = (IPEndPoint)_socket.LocalEndPoint!;
        Endpoint = new DataEndpoint(
            address.Address.ToString(),
            address.Port,
            Convert.ToHexString(RandomNumberGenerator.GetBytes(32))
        );
        _key = DataHandshake.KeyOf(Endpoint.Secret, secret);
        _kestrel = NewKestrel(address, services);
    }

    /// <summary>What another process must know to fetch from this silo.</summary>
    public DataEndpoint Endpoint { get; }

    /// <summary>How many connections are open.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(
            nameof(DataServer),
            ServiceLifecycleStage.RuntimeInitialize,
            cancellationToken => _kestrel.StartAsync(new NoHttp(), cancellationToken),
            async _ =>
            {
                using var patience = new CancellationTokenSource(_limits.StopPatience, _time);
                await _kestrel.StopAsync(patience.Token);
            }
        );

    public void Dispose()
    {
        _kestrel.Dispose();
        _socket.Dispose();
        _loggers.Dispose();
    }

    /// <summary>Takes the port now, as it is told to others before the silo listens.</summary>
    private static Socket Bind(IPEndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(address);
            return socket;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new AirException(
                $"The data plane cannot listen on {address}: {error.Message}. Give AirOptions.DataPort (--data-port) a free port, or 0 for any.",
                error
            );
        }
    }

    private KestrelServer NewKestrel(IPEndPoint address, IServiceProvider services)
    {
        var options = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = _limits.MostConnections;
        // TLS is the session's: what Kestrel offers for it belongs to HTTP.
        options.Listen(address, listen => listen.Run(RunAsync));
        var transport = new SocketTransportOptions { CreateBoundListenSocket = _ => _socket };
        return new KestrelServer(
            Options.Create(options),
            new SocketTransportFactory(Options.Create(transport), _loggers),
            _loggers
        );
    }

    private async Task RunAsync(ConnectionContext connection)
    {
        Interlocked.Increment(ref _connections);
        TransferMeter.Opened("silo");
        try
        {
            using var session = new DataSession(connection, _sources, _limits);
            await RunAsync(connection, session);
        }
        finally
        {
            TransferMeter.Closed("silo");
            Interlocked.Decrement(ref _connections);
        }
    }

    private async Task RunAsync(ConnectionContext connection, DataSession session)
    {
        var isProved = false;
        try
        {
            isProved = await ProveAsync(session);
            if (isProved)
            {
                await session.AnswerAsync();
            }
        }
        catch (Exception error) when (IsOfTheOtherEnd(error))
        {
            if (!isProved)
            {
                TransferMeter.Refused(
                    session.HasRunOut ? "silence"
                    : error is AuthenticationException ? "certificate"
                    : "frame"
                );
            }

            LogConnectionLost(connection.RemoteEndPoint, session.HasRunOut ? "it was too slow" : error.Message);
            connection.Abort();
        }
        catch (Exception error)
        {
            LogFailed(connection.RemoteEndPoint, error);
            connection.Abort();
        }
    }

    private async Task<bool> ProveAsync(DataSession session)
    {
        try
        {
            if (Interlocked.Increment(ref _handshakes) > _limits.MostHandshakes)
            {
                TransferMeter.Refused("crowd");
                LogCrowd(_limits.MostHandshakes);
                return false;
            }

            if (_tls.Server is { } options)
            {
                await session.EncryptAsync(options);
            }

            var isProved = await session.ProveAsync(_key);
            if (!isProved)
            {
                TransferMeter.Refused("secret");
                LogWrongSecret();
            }

            return isProved;
        }
        finally
        {
            Interlocked.Decrement(ref _handshakes);
        }
    }

    private static bool IsOfTheOtherEnd(Exception error) =>
        error
            is IOException
                or InvalidDataException
                or OperationCanceledException
                or SocketException
                or ObjectDisposedException
                or AuthenticationException;

    [LoggerMessage(1001, LogLevel.Debug, "A connection of the data plane from {Peer} ended early: {Reason}")]
    private partial void LogConnectionLost(EndPoint? peer, string reason);

    [LoggerMessage(1002, LogLevel.Warning, "A connection of the data plane from {Peer} failed.")]
    private partial void LogFailed(EndPoint? peer, Exception error);

    [LoggerMessage(
        1003,
        LogLevel.Debug,
        "More than {Most} connections prove themselves at the same time; one was closed."
    )]
    private partial void LogCrowd(int most);

    [LoggerMessage(1004, LogLevel.Debug, "A connection of the data plane was refused: it does not know the secret.")]
    private partial void LogWrongSecret();

    /// <summary>Kestrel asks for an application; no connection gets to it.</summary>
    private sealed class NoHttp : Microsoft.AspNetCore.Hosting.Server.IHttpApplication<object>
    {
        public object CreateContext(Microsoft.AspNetCore.Http.Features.IFeatureCollection contextFeatures) => this;

        public Task ProcessRequestAsync(object context) => Task.CompletedTask;

        public void DisposeContext(object context, Exception? exception) { }
    }
}
