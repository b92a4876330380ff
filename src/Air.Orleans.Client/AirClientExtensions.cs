using Air.Orleans.Core.Hosting;
using Air.Orleans.Core.Security;
using Air.Orleans.Hosting;
using Air.Orleans.Serve.Hosting;

namespace Air.Orleans;

/// <summary>Switches Air.Orleans on in an Orleans client of one's own.</summary>
public static class AirClientExtensions
{
    /// <summary>
    /// Lets a client find the silos of <paramref name="cluster"/>. It looks for new ones every two seconds, connects to others when its gateway
    /// dies, and keeps trying while there are none.
    /// </summary>
    /// <exception cref="AirException">Nothing serves the scheme, or a secret is missing from the environment.</exception>
    public static IClientBuilder UseAirCluster(this IClientBuilder client, ClusterUri cluster)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(cluster);
        ClientProviders.Of(cluster).ConfigureClient(client, cluster);
        client.Services.Configure<ClusterOptions>(options => SetNames(options, cluster.ClusterId));
        client.Services.Configure<GatewayOptions>(static gateways =>
            gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2)
        );
        return client;
    }

    /// <summary>Adds Air.Orleans to a client, so that an <see cref="IAirCluster"/> can be had from its services.</summary>
    /// <param name="client">The client.</param>
    /// <param name="security">How it proves who it is; by default what the host's configuration says.</param>
    /// <exception cref="AirException">Something is wrong with the security settings; each fault is a line of the message.</exception>
    public static IClientBuilder AddAir(this IClientBuilder client, SecurityOptions? security = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        security ??= client.Configuration.GetAirClientSecurity();
        ConnectionSecurity.AddTo(
            client.Services,
            SecurityLoader.Load(security, isSilo: false, TimeProvider.System),
            isSilo: false
        );
        client.Services.AddAirCoreToClient().AddAirServeToClient();
        AirAssemblies.Register(client.Services);
        client.Services.AddSingleton<IAirCluster>(static services => new HostedAirCluster(services));
        return client;
    }

    internal static void SetNames(ClusterOptions options, string clusterId)
    {
        options.ClusterId = clusterId;
        options.ServiceId = ClusterUri.ServiceId;
    }
}
