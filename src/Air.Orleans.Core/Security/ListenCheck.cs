using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Air.Orleans.Core.Security;

/// <summary>
/// Before a silo does anything else: where it would be reached from other machines, it must have TLS, a secret and, for HTTP, keys; unless its
/// host says that everybody on the network is trusted.
/// </summary>
internal sealed partial class ListenCheck(
    ClusterSecurity security,
    AirOptions options,
    IOptions<EndpointOptions> endpoints,
    ILogger<ListenCheck> logger,
    ILoggerFactory loggers
) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(
            nameof(ListenCheck),
            ServiceLifecycleStage.First,
            _ =>
            {
                Check();
                security.ApiKeys.LogTo(loggers.CreateLogger<ApiKeyRing>());
                return Task.CompletedTask;
            }
        );

    /// <summary>An address beyond loopback on which the silo listens; loopback where there is none.</summary>
    public static IPAddress Widest(EndpointOptions endpoints)
    {
        IPAddress?[] addresses =
        [
            endpoints.AdvertisedIPAddress,
            endpoints.SiloListeningEndpoint?.Address,
            endpoints.GatewayListeningEndpoint?.Address,
        ];
        return addresses.FirstOrDefault(static it => it is not null && !IPAddress.IsLoopback(it)) ?? IPAddress.Loopback;
    }

    /// <exception cref="AirException">The silo may not listen so.</exception>
    public void Check()
    {
        var address = Widest(endpoints.Value);
        if (IPAddress.IsLoopback(address))
        {
            return;
        }

        var missing = Missing().ToList();
        if (missing.Count == 0)
        {
            return;
        }

        if (!security.Options.AllowInsecure)
        {
            throw new AirException(
                $"The silo would listen on {address}, where other machines reach it, without {string.Join(" and ", missing)}. "
                    + "Set them ('air certs FOLDER' makes all for development, and '--tls FOLDER' or AIR_TLS takes them), or say with --insecure "
                    + "(AIR_INSECURE, Air:Security:AllowInsecure) that everybody on this network is trusted."
            );
        }

        LogInsecure(address, string.Join(" and ", missing));
    }

    private IEnumerable<string> Missing()
    {
        if (!security.Tls.IsOn)
        {
            yield return "TLS (Air:Security:Certificate, Key and Authority)";
        }

        if (!security.Secret.IsSet)
        {
            yield return "a cluster secret (AIR_SECRET_FILE)";
        }

        if (options.HttpPort is not null && !security.ApiKeys.IsSet)
        {
            yield return "keys for HTTP (AIR_API_KEYS_FILE, or no HTTP port)";
        }
    }

    [LoggerMessage(
        1202,
        LogLevel.Warning,
        "The silo listens on {Address} without {Missing}: whoever reaches it can read everything and stop it (Air:Security:AllowInsecure)."
    )]
    private partial void LogInsecure(IPAddress address, string missing);
}
