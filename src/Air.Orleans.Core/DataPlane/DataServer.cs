using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.DataPlane;

/// <summary>
/// The data plane's end in a silo: a socket on the silo's own address, on a free port, that hands out blocks and checkpoint shards and takes
/// shards in. Bytes never go through grain messages, which would stall the control plane behind them.
/// </summary>
internal sealed partial class DataServer : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, IDataSource> _sources;
    private readonly ILogger<DataServer> _logger;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private Task _accepting = Task.CompletedTask;

    public DataServer(IEnumerable<IDataSource> sources, ILocalSiloDetails silo, ILogger<DataServer> logger)
    {
        _listener = new TcpListener(silo.SiloAddress.Endpoint.Address, 0);
        _sources = sources.ToDictionary(static source => source.Scheme);
        _logger = logger;
        _listener.Start();
        var address = (IPEndPoint)_listener.LocalEndpoint;
        Endpoint = new DataEndpoint(
            address.Address.ToString(),
            address.Port,
            Convert.ToHexString(RandomNumberGenerator.GetBytes(32))
        );
    }

    /// <summary>What another process must know to fetch from this silo.</summary>
    public DataEndpoint Endpoint { get; }

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(
            nameof(DataServer),
            ServiceLifecycleStage.RuntimeInitialize,
            _ =>
            {
                _accepting = AcceptAsync();
                return Task.CompletedTask;
            },
            async _ =>
            {
                await _stopping.CancelAsync();
                _listener.Stop();
                await _accepting;
            }
        );

    public void Dispose()
    {
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                _ = AnswerAsync(await _listener.AcceptTcpClientAsync(_stopping.Token));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException error)
            {
                LogAcceptFailed(error);
            }
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using var _ = client;
        client.NoDelay = true;
        try
        {
            await using var stream = client.GetStream();
            using var handshake = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            handshake.CancelAfter(HandshakeLimit);
            var request = await DataFrames.ReadRequestAsync(stream, handshake.Token);
            await AnswerAsync(request, stream, _stopping.Token);
        }
        catch (Exception error)
            when (error is IOException or InvalidDataException or OperationCanceledException or SocketException)
        {
            LogConnectionLost(error);
        }
    }

    private async Task AnswerAsync(DataRequest request, NetworkStream stream, CancellationToken cancellationToken)
    {
        var known = CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(request.Secret),
            Encoding.UTF8.GetBytes(Endpoint.Secret)
        );
        var cut = request.Key.IndexOf(':');
        if (!known || cut < 0 || !_sources.TryGetValue(request.Key[..cut], out var source))
        {
            await DataFrames.WriteFailureAsync(
                stream,
                known ? "no such kind of data" : "wrong secret",
                cancellationToken
            );
            return;
        }

        try
        {
            var key = request.Key[(cut + 1)..];
            if (request.Verb == DataFrames.Put)
            {
                await source.ReceiveAsync(key, stream, request.Length, cancellationToken);
                stream.WriteByte(DataFrames.Accepted);
            }
            else if (source is IMemorySource memory)
            {
                using var lease = await memory.OpenAsync(key, cancellationToken);
                stream.WriteByte(DataFrames.Accepted);
                await stream.WriteAsync(BitConverter.GetBytes((long)lease.Bytes.Length), cancellationToken);
                await stream.WriteAsync(lease.Bytes, cancellationToken);
            }
            else
            {
                await source.SendAsync(key, new AnswerStream(stream), cancellationToken);
            }
        }
        catch (Exception error) when (error is KeyNotFoundException or AirException)
        {
            await DataFrames.WriteFailureAsync(stream, error.Message, cancellationToken);
        }
    }

    [LoggerMessage(1001, LogLevel.Debug, "A connection of the data plane ended early.")]
    private partial void LogConnectionLost(Exception error);

    [LoggerMessage(1002, LogLevel.Warning, "The data plane could not accept a connection.")]
    private partial void LogAcceptFailed(Exception error);
}
