using System.Net;
using Air.Orleans.Core.Hosting;
using Air.Orleans.Core.Security;
using Air.Orleans.Core.Silos;
using Air.Orleans.Serve.Routing;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Air.Orleans.Serve.Http;

/// <summary>
/// The HTTP endpoint of a silo: Kestrel on the silo's own address, without the middleware, configuration and environment of a web application,
/// which a library must not read. Starts in the background. Thread-safe.
/// </summary>
internal sealed partial class HttpIngress(
    AirOptions options,
    ClusterSecurity security,
    ILocalSiloDetails silo,
    DeploymentRouter router,
    SiloDrain drain,
    IServiceProvider services,
    ILoggerFactory loggers,
    TimeProvider time
) : IDisposable
{
    public const int MaxBodyBytes = 4 * 1024 * 1024;

    /// <summary>
    /// A body of up to so many bytes is read to its end before it is refused: a client that still writes when the connection is closed
    /// sees a broken pipe and not the answer.
    /// </summary>
    private const int MostBytesRead = 16 * MaxBodyBytes;

    private static readonly TimeSpan StopPatience = TimeSpan.FromMilliseconds(500);

    private readonly ILogger _logger = loggers.CreateLogger<HttpIngress>();
    private readonly QuietLoggers _kestrelLoggers = new(loggers);
    private readonly TaskCompletionSource<Uri?> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _starting = Task.CompletedTask;
    private KestrelServer? _server;

    private IPAddress Host => silo.SiloAddress.Endpoint.Address;

    /// <summary>Where it listens, as soon as it does; null where HTTP is off.</summary>
    /// <exception cref="DeploymentException">The port is taken or not allowed.</exception>
    public Task<Uri?> AddressAsync => _address.Task;

    /// <summary>Where it listens; null where it does not, for whatever reason.</summary>
    public async Task<string?> AddressOrNullAsync()
    {
        try
        {
            return (await AddressAsync)?.ToString();
        }
        catch (DeploymentException)
        {
            // Logged where it was raised.
            return null;
        }
    }

    public void Start()
    {
        if (options.HttpPort is { } port)
        {
            _starting = StartAsync(port);
        }
        else
        {
            _address.SetResult(null);
        }
    }

    public async Task StopAsync()
    {
        using var patience = new CancellationTokenSource(StopPatience, time);
        await DrainAsync(patience.Token);
    }

    /// <summary>Takes no new connection, and waits for the answers that are due until <paramref name="limit"/>.</summary>
    public async Task DrainAsync(CancellationToken limit)
    {
        await _starting;
        if (_server is { } server)
        {
            await server.StopAsync(limit);
        }
    }

    public void Dispose()
    {
        _server?.Dispose();
        _kestrelLoggers.Dispose();
    }

    private async Task StartAsync(int port)
    {
        // The silo's start does not wait for what follows.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var kestrel = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };
            kestrel.Limits.MaxRequestBodySize = MostBytesRead;
            kestrel.Listen(
                Host,
                port,
                listen =>
                {
                    listen.Protocols = HttpProtocols.Http1;
                    HttpSecurity.UseTls(listen, security);
                }
            );
            var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), _kestrelLoggers);
            _server = new KestrelServer(Options.Create(kestrel), transport, _kestrelLoggers);
            await _server.StartAsync(
                new IngressApplication(router, security.ApiKeys, drain, _logger),
                CancellationToken.None
            );
            var addresses = _server.Features.Get<IServerAddressesFeature>()!.Addresses;
            // Kestrel does not know of the TLS in front of it.
            var address = new UriBuilder(addresses.First()) { Scheme = HttpSecurity.SchemeOf(security) };
            _address.SetResult(address.Uri);
        }
        catch (Exception error)
        {
            LogNotStarted(Host, port, error);
            _address.SetException(
                new DeploymentException(
                    $"HTTP cannot listen on {new IPEndPoint(Host, port)}: {error.Message} Set AirOptions.HttpPort to a free port, to 0 "
                        + "for any free one, or to null for no HTTP.",
                    error
                )
            );

            // Nobody may ask for the address; the error is in the log then.
            _ = _address.Task.Exception;
        }
    }

    [LoggerMessage(6030, LogLevel.Error, "HTTP cannot listen on port {Port} of {Host}.")]
    private partial void LogNotStarted(IPAddress host, int port, Exception error);
}
