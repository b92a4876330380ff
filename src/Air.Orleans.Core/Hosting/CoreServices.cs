using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Checkpoints;
using Air.Orleans.Core.Compute;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Placement;
using Air.Orleans.Core.Resources;
using Air.Orleans.Core.Resources.Grains;
using Air.Orleans.Core.Runs;
using Air.Orleans.Core.Shipping;
using Air.Orleans.Core.Silos.Grains;
using Air.Orleans.Core.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;
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
        services.AddSingleton<IManagementView, MembershipView>();
        services.AddSingleton<SiloAgents>();
        services.AddGrainService<SiloAgent>();
        services.AddSingleton(provider => new ComputeSlots(
            Math.Max(1, (int)options.Resources.Cpu),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddScoped<GrainCompute>();
        services.AddSingleton<SlotsDrain>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static provider =>
            provider.GetRequiredService<SlotsDrain>()
        );
        services.AddSingleton(_ => new BlockStore(options.BlockMemoryBytes));
        services.AddSingleton<ShardStorage>();
        services.AddSingleton<ShardSource>();
        services.Replace(
            ServiceDescriptor.Singleton<IShardPort>(static provider => provider.GetRequiredService<ShardStorage>())
        );
        services.AddSingleton<IDataSource>(static provider => provider.GetRequiredService<BlockStore>());
        services.AddSingleton<IDataSource>(static provider => provider.GetRequiredService<ShardSource>());
        services.AddSingleton<DataServer>();
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
        services.AddSingleton<SiloLeases>();
        services.AddSingleton<RunKeeper>();
        services.AddSingleton<BlockStoreAnnouncement>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static provider =>
            provider.GetRequiredService<DataServer>()
        );
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static provider =>
            provider.GetRequiredService<BlockStoreAnnouncement>()
        );
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static provider =>
            provider.GetRequiredService<SiloLeases>()
        );
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static provider =>
            provider.GetRequiredService<RunKeeper>()
        );
        services.Replace(
            ServiceDescriptor.Singleton(static provider => new BlockFetcher(provider.GetRequiredService<BlockStore>()))
        );
        services.TryAddKeyedSingleton<IGrainStorage>(
            AirOptions.StorageName,
            (provider, _) => new FileGrainStorage(options.StorageFolder, provider.GetRequiredService<Serializer>())
        );
        return services;
    }

    /// <summary>What a client needs of Core.</summary>
    public static IServiceCollection AddAirCoreToClient(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static _ => HolderName.OfClient());
        services.TryAddSingleton<LeasePlaceCopies>();
        services.TryAddSingleton<LeaseKeeper>();
        services.TryAddSingleton<ObjectShipper>();
        services.TryAddSingleton<CheckpointThreads>();
        services.TryAddSingleton<IShardPort, RemoteShards>();
        services.TryAddSingleton<CheckpointStore>();
        services.TryAddSingleton<BlockFetcher>(static _ => new BlockFetcher());
        return services;
    }
}
