using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Hosting;
using Air.Orleans.Core.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Flight;

/// <summary>
/// Arrow Flight on a port of the silo's own, where <see cref="AirOptions.FlightPort"/> gives one: programs in other languages read the blocks that
/// this silo has. Nothing of Air.Orleans itself goes this way. Thread-safe.
/// </summary>
internal sealed class FlightIngress(
    AirOptions options,
    ILocalSiloDetails silo,
    BlockStore store,
    ClusterSecurity security,
    ILoggerFactory loggers,
    TimeProvider time
) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromMilliseconds(500);

    private readonly QuietLoggers _loggers = new(loggers);
    private WebApplication? _application;

    /// <summary>Where it listens; null where it does not.</summary>
    public Uri? Address { get; private set; }

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(FlightIngress), ServiceLifecycleStage.Active, StartAsync, _ => StopAsync());

    public void Dispose() => _loggers.Dispose();

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.FlightPort is not { } port)
        {
            return;
        }

        var place = new IPEndPoint(silo.SiloAddress.Endpoint.Address, port);
        _application = Build(place);
        try
        {
            await _application.StartAsync(cancellationToken);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            throw new AirException(
                $"Flight cannot listen on {place}: {error.Message} Give AirOptions.FlightPort (--flight-port) a free port, or 0 for any.",
                error
            );
        }

        var addresses = _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        Address = new Uri(addresses.Addresses.First());
    }

    private async Task StopAsync()
    {
        if (_application is { } application)
        {
            using var patience = new CancellationTokenSource(StopPatience, time);
            await application.StopAsync(patience.Token);
            await application.DisposeAsync();
        }
    }

    private WebApplication Build(IPEndPoint place)
    {
        // Without the configuration and the environment of a web application, which a library must not read.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, SilentLifetime>());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(
                place,
                listen =>
                {
                    listen.Protocols = HttpProtocols.Http2;
                    if (security.Tls.Server is { } server)
                    {
                        listen.UseHttps(
                            new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(Copy(server)) }
                        );
                    }
                }
            );
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<ILoggerFactory>(_loggers);
        builder.Services.AddSingleton(new FlightKeys(security.ApiKeys, security.Secret));
        builder.Services.AddSingleton(new StoredBlocks(store));
        builder.Services.AddGrpc(static grpc => grpc.Interceptors.Add<FlightGuard>()).AddFlightServer<BlockFlights>();
        var application = builder.Build();
        application.UseRouting();
        application.MapFlightEndpoint();
        return application;
    }

    /// <summary>Kestrel adds to the options what HTTP needs; others use the same.</summary>
    private static SslServerAuthenticationOptions Copy(SslServerAuthenticationOptions server) =>
        new()
        {
            ServerCertificateContext = server.ServerCertificateContext,
            ClientCertificateRequired = server.ClientCertificateRequired,
            EnabledSslProtocols = server.EnabledSslProtocols,
            CertificateChainPolicy = server.CertificateChainPolicy,
            CertificateRevocationCheckMode = server.CertificateRevocationCheckMode,
            RemoteCertificateValidationCallback = server.RemoteCertificateValidationCallback,
        };
}
