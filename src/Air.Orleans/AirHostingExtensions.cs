using System.Net;
using Air.Orleans.Clustering;
using Air.Orleans.Core.Clustering.Membership;
using Air.Orleans.Core.Hosting;
using Air.Orleans.Core.Jobs;
using Air.Orleans.Core.Security;
using Air.Orleans.Data.Hosting;
using Air.Orleans.Flight;
using Air.Orleans.Hosting;
using Air.Orleans.Serve.Hosting;
using Air.Orleans.Train.Hosting;

namespace Air.Orleans;

/// <summary>Switches Air.Orleans on in a silo host of one's own; for clients see <see cref="AirClientExtensions"/>.</summary>
public static class AirHostingExtensions
{
    /// <summary>
    /// Makes a silo a member of <paramref name="cluster"/>, and keeps its state there too, or in <paramref name="storage"/>. Call it before
    /// <see cref="AddAir(ISiloBuilder, AirOptions?)"/>.
    /// </summary>
    /// <param name="silo">The silo.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="storage">Where checkpoints and runs are kept; the cluster's own URI by default.</param>
    /// <param name="siloPort">The port for other silos; 0 takes a free one.</param>
    /// <param name="gatewayPort">The port for clients; 0 takes a free one.</param>
    /// <param name="address">
    /// The address of this machine on which the silo, its gateway, its data and its HTTP endpoint listen, and under which others find them;
    /// loopback by default. Beyond loopback the silo must have TLS, a secret and keys for HTTP (docs/security.md).
    /// </param>
    /// <exception cref="AirException">Nothing serves the scheme, or a secret is missing from the environment.</exception>
    public static ISiloBuilder UseAirCluster(
        this ISiloBuilder silo,
        ClusterUri cluster,
        ClusterUri? storage = null,
        int siloPort = 0,
        int gatewayPort = 0,
        IPAddress? address = null
    )
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentNullException.ThrowIfNull(cluster);
        storage ??= cluster;
        ClusterProviders.ClusterOf(cluster).ConfigureSilo(silo, cluster);
        ClusterProviders.StorageOf(storage).ConfigureStorage(silo.Services, storage);
        silo.Services.AddSingleton(new JobPlace(cluster, storage));
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(_ => new SiloCheck(
            [cluster, storage],
            TimeProvider.System
        ));
        return silo.UseNames(cluster.ClusterId).UseEndpoints(address ?? IPAddress.Loopback, siloPort, gatewayPort);
    }

    /// <summary>Makes a silo a member of a cluster whose silos share this process and <paramref name="table"/>.</summary>
    internal static ISiloBuilder UseMemoryCluster(
        this ISiloBuilder silo,
        MemoryMembershipTable table,
        string clusterId,
        int siloPort = 0,
        int gatewayPort = 0
    )
    {
        silo.Services.AddSingleton<IMembershipTable>(table);
        return silo.UseNames(clusterId).UseEndpoints(IPAddress.Loopback, siloPort, gatewayPort);
    }

    /// <summary>
    /// Adds all of Air.Orleans to a silo: datasets, training, tuning and serving. Checkpoints and the state of runs go to the grain storage
    /// named <see cref="AirOptions.StorageName"/>; register one before this call, or have files in <see cref="AirOptions.StorageFolder"/>.
    /// The silo proves who it is as <see cref="AirOptions.Security"/> says, or else the host's configuration.
    /// </summary>
    /// <exception cref="AirException">Something is wrong with the security settings; each fault is a line of the message.</exception>
    public static ISiloBuilder AddAir(this ISiloBuilder silo, AirOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(silo);
        options ??= new AirOptions();
        var security = options.Security ?? silo.Configuration.GetAirSiloSecurity();
        ConnectionSecurity.AddTo(
            silo.Services,
            SecurityLoader.Load(security, isSilo: true, TimeProvider.System),
            isSilo: true
        );
        silo.Services.AddAirCoreToSilo(options).AddAirDataToSilo().AddAirTrainToSilo().AddAirServeToSilo();
        silo.Services.AddSingleton<FlightIngress>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static services =>
            services.GetRequiredService<FlightIngress>()
        );
        AirAssemblies.Register(silo.Services);
        return silo.UseAirMembership();
    }

    private static ISiloBuilder UseNames(this ISiloBuilder silo, string clusterId)
    {
        silo.Services.Configure<ClusterOptions>(options => AirClientExtensions.SetNames(options, clusterId));
        return silo;
    }

    private static ISiloBuilder UseEndpoints(this ISiloBuilder silo, IPAddress address, int siloPort, int gatewayPort)
    {
        var ports = new PortHold(address, 2);
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(ports);
        return silo.ConfigureEndpoints(
            address,
            siloPort == 0 ? ports[0] : siloPort,
            gatewayPort == 0 ? ports[1] : gatewayPort,
            listenOnAnyHostAddress: false
        );
    }

    /// <summary>
    /// A silo that is killed is declared lost in about a second, and one that hangs in about nine; losing a silo does not touch grains on
    /// others (docs/decisions/0003-membership.md).
    /// </summary>
    private static ISiloBuilder UseAirMembership(this ISiloBuilder silo)
    {
#pragma warning disable ORLEANSEXP003 // The distributed grain directory is experimental; the default one loses grains on healthy silos.
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        silo.Services.Configure<ClusterMembershipOptions>(static membership =>
        {
            membership.ProbeTimeout = TimeSpan.FromSeconds(1);
            membership.NumMissedProbesLimit = 2;
            membership.NumVotesForDeathDeclaration = 2;
            membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);
            membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        });
        // By default the directory keeps a lost silo's grains from coming back for 20 s, in case that it only hangs. What must not be
        // done twice is fenced by attempt numbers and ETags instead.
        silo.Services.Configure<GrainDirectoryOptions>(static directory =>
            directory.RangeLeaseDuration = TimeSpan.FromSeconds(2)
        );
        return silo;
    }
}
