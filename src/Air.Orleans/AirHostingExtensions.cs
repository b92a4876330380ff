using Air.Orleans.Core.Hosting;
using Air.Orleans.Hosting;
using Air.Orleans.Serve.Hosting;
using Air.Orleans.Train.Hosting;

namespace Air.Orleans;

/// <summary>Switches Air.Orleans on in a host of one's own.</summary>
public static class AirHostingExtensions
{
    /// <summary>
    /// Adds all of Air.Orleans to a silo: datasets, training, tuning and serving. Checkpoints and the state of runs go to the grain storage
    /// named <see cref="AirOptions.StorageName"/>; register one before this call, or have files in <see cref="AirOptions.StorageFolder"/>.
    /// </summary>
    public static ISiloBuilder AddAir(this ISiloBuilder silo, AirOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(silo);
        silo.Services.AddAirCoreToSilo(options ?? new AirOptions()).AddAirTrainToSilo().AddAirServeToSilo();
        AirAssemblies.Register(silo.Services);
        return silo.UseAirMembership();
    }

    /// <summary>Adds all of Air.Orleans to a client, so that an <see cref="IAirCluster"/> can be had from its services.</summary>
    public static IClientBuilder AddAir(this IClientBuilder client)
    {
        ArgumentNullException.ThrowIfNull(client);
        client.Services.AddAirCoreToClient().AddAirServeToClient();
        AirAssemblies.Register(client.Services);
        client.Services.AddSingleton<IAirCluster>(static services => new HostedAirCluster(services));
        return client;
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
            membership.NumVotesForDeathDeclaration = 1;
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
