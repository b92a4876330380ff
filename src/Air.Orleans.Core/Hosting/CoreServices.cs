using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Checkpoints;
using Air.Orleans.Core.Compute;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Diagnostics;
using Air.Orleans.Core.Jobs;
using Air.Orleans.Core.Jobs.Grains;
using Air.Orleans.Core.Placement;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources;
using Air.Orleans.Core.Resources.Grains;
using Air.Orleans.Core.Runs;
using Air.Orleans.Core.Security;
using Air.Orleans.Core.Shipping;
using Air.Orleans.Core.Shipping.Code;
using Air.Orleans.Core.Shipping.Grains;
using Air.Orleans.Core.Silos;
using Air.Orleans.Core.Silos.Grains;
using Air.Orleans.Core.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Storage;

namespace Air.Orleans.Core.Hosting;

/// <summary>Registers what Core does, in a silo or in a client.</summary>
internal static class CoreServices
{
    /// <summary>What a silo needs of Core.</summary>
    public static IServiceCollection AddAirCoreToSilo(this IServiceCollection services, AirOptions options)
    {
        services.AddAirCoreToClient();
        services.AddSingleton(options);
        services.AddSilos();
        services.AddSecurityChecks();
        services.AddSiloPart<SiloGauges>();
        services.AddSiloPart<BlockGauges>();
        services.AddCompute(options);
        services.AddBlocks(options);
        services.AddCheckpoints(options);
        services.AddCode();
        services.AddResources();
        services.AddSiloPart<RunKeeper>();
        services.AddJobs();
        return services;
    }

    /// <summary>What a client needs of Core.</summary>
    public static IServiceCollection AddAirCoreToClient(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IOutgoingGrainCallFilter, CancelledCalls>());
        services.TryAddSingleton(static _ => HolderName.OfClient());
        services.TryAddSingleton<LeasePlaceCopies>();
        services.TryAddSingleton<LeaseKeeper>();
        services.AddSecurity();
        services.TryAddSingleton(KnownCode.WholeProgram);
        services.TryAddSingleton<CodeSender>();
        services.TryAddSingleton<ObjectShipper>();
        services.TryAddSingleton<CheckpointThreads>();
        services.TryAddSingleton<IShardPort, RemoteShards>();
        services.TryAddSingleton<CheckpointStore>();
        services.TryAddSingleton<DataLimits>();
        services.TryAddSingleton<DataClient>();
        services.AddBlocksToClient();
        return services;
    }

    /// <summary>Registered before this where the process proves anything.</summary>
    private static void AddSecurity(this IServiceCollection services)
    {
        services.TryAddSingleton(ClusterSecurity.None);
        services.TryAddSingleton(static provider => provider.GetRequiredService<ClusterSecurity>().Tls);
        services.TryAddSingleton(static provider => provider.GetRequiredService<ClusterSecurity>().Secret);
        services.TryAddSingleton(static provider => provider.GetRequiredService<ClusterSecurity>().ApiKeys);
    }

    /// <summary>What a silo checks before it listens and before it joins, and whether it takes code.</summary>
    private static void AddSecurityChecks(this IServiceCollection services)
    {
        services.AddSiloPart<ListenCheck>();
        services.AddSiloPart<PeersCheck>();
        services.AddSingleton(static provider => new SecurityGate(
            provider.GetRequiredService<ClusterSecurity>(),
            ListenCheck.Widest(provider.GetRequiredService<IOptions<EndpointOptions>>().Value)
        ));
    }

    private static void AddSilos(this IServiceCollection services)
    {
        services.AddSingleton<IManagementView, MembershipView>();
        services.AddSingleton<SiloAgents>();
        services.AddSingleton<SiloDrain>();
        services.AddGrainService<SiloAgent>();
    }

    private static void AddCompute(this IServiceCollection services, AirOptions options)
    {
        services.AddSingleton(provider => new ComputeSlots(
            Math.Max(1, (int)options.Resources.Cpu),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddScoped<GrainCompute>();
        services.AddSiloPart<SlotsDrain>();
    }

    /// <summary>The block store, and the socket by which blocks and shards leave the silo.</summary>
    private static void AddBlocks(this IServiceCollection services, AirOptions options)
    {
        services.AddBlocksToSilo(options);
        services.AddSiloPart<DataServer>();
        services.AddSiloPart<BlockKeeping>();
    }

    /// <summary>Checkpoints, and files to keep them in where the host registers no storage.</summary>
    private static void AddCheckpoints(this IServiceCollection services, AirOptions options)
    {
        services.AddSingleton<ShardStorage>();
        services.AddSingleton<ShardSource>();
        services.AddSingleton<IDataSource>(static provider => provider.GetRequiredService<ShardSource>());
        services.Replace(
            ServiceDescriptor.Singleton<IShardPort>(static provider => provider.GetRequiredService<ShardStorage>())
        );
        services.TryAddKeyedSingleton<IGrainStorage>(
            AirOptions.StorageName,
            (provider, _) => new FileGrainStorage(options.StorageFolder, provider.GetRequiredService<Serializer>())
        );
    }

    /// <summary>Code that clients send.</summary>
    private static void AddCode(this IServiceCollection services)
    {
        services.AddSingleton<CodeThreads>();
        services.AddSingleton<CodeStorage>();
        services.AddSingleton<CodeFolder>();
        services.AddSingleton<ICodeLoader, CodeLoader>();
        services.AddSingleton<CodeCache>();
        services.AddSingleton<IDataSource, CodeSource>();
        services.AddSingleton<CodeAgents>();
        services.AddGrainService<CodeAgent>();
    }

    /// <summary>Programs that run in the cluster.</summary>
    private static void AddJobs(this IServiceCollection services)
    {
        services.AddSingleton<JobThreads>();
        services.AddSingleton<JobFolders>();
        services.AddSingleton<JobLog>();
        services.AddSingleton<JobEnvironment>();
        services.AddSingleton<JobAgents>();
        services.AddGrainService<JobAgent>();
        services.AddSiloPart<JobRunner>();
        services.AddSingleton<IDrainPart, JobDrain>();
    }

    /// <summary>The silo's book of leases, and placement by lease.</summary>
    private static void AddResources(this IServiceCollection services)
    {
        services.AddSingleton<LeaseBoard>();
        services.Replace(
            ServiceDescriptor.Singleton(static provider => new HolderName(
                HolderName.Of(provider.GetRequiredService<ILocalSiloDetails>().SiloAddress),
                IsSilo: true
            ))
        );
        services.AddSingleton<ResourceSiloClient>();
        services.AddGrainService<ResourceSiloService>();
        services.AddPlacementDirector<GpuPlacement, GpuPlacementDirector>();
        services.AddSingleton<IConfigureGrainContextProvider, GrainLeaseConfigurator>();
        services.AddTransient<IGrainLease>(static provider =>
            GrainLease.Of(provider.GetRequiredService<IGrainContextAccessor>().GrainContext)
        );
        services.AddSiloPart<SiloLeases>();
        services.AddSingleton<IDrainPart, LeaseDrain>();
    }

    /// <summary>A service that starts and stops with the silo.</summary>
    private static void AddSiloPart<T>(this IServiceCollection services)
        where T : class, ILifecycleParticipant<ISiloLifecycle>
    {
        services.AddSingleton<T>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static provider =>
            provider.GetRequiredService<T>()
        );
    }
}
