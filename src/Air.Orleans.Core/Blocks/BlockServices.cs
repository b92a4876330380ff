using Air.Orleans.Core.Blocks.Arena;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Placement;
using Air.Orleans.Core.Silos;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Serializers;

namespace Air.Orleans.Core.Blocks;

/// <summary>Registers the block store, or what a client needs to use those of the silos.</summary>
internal static class BlockServices
{
    /// <summary>What puts and reads blocks.</summary>
    public static IServiceCollection AddBlocksToClient(this IServiceCollection services)
    {
        services.AddSingleton<BlockRefusal>();
        services.AddSingleton<IGeneralizedCodec>(static provider => provider.GetRequiredService<BlockRefusal>());
        services.AddSingleton<IGeneralizedCopier>(static provider => provider.GetRequiredService<BlockRefusal>());
        services.AddSingleton<BlockThreads>();
        services.AddSingleton<BlockHomes>();
        services.AddSingleton<BlockKeeper>();
        services.AddSingleton<BlockWriter>();
        services.AddSingleton(static _ => new SegmentReader(
            Environment.GetEnvironmentVariable(SegmentReader.FolderVariable)
        ));
        services.AddSingleton(static provider => new BlockFetcher(
            provider.GetRequiredService<BlockHomes>(),
            provider.GetRequiredService<SegmentReader>(),
            provider.GetRequiredService<DataClient>(),
            provider.GetRequiredService<BlockThreads>(),
            provider.GetService<BlockStore>()
        ));
        return services;
    }

    /// <summary>What stores them. The silo's life cycle is that of <see cref="BlockKeeping"/>.</summary>
    public static IServiceCollection AddBlocksToSilo(this IServiceCollection services, AirOptions options)
    {
        services.AddSingleton(provider => new BlockStore(
            FolderOf(provider, options),
            BlockFolder.OfSpill(options.SpillFolder, ClusterOf(provider)),
            options.BlockMemoryBytes,
            provider.GetRequiredService<BlockThreads>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<BlockStore>>()
        ));
        services.AddSingleton<IDataSource>(static provider => provider.GetRequiredService<BlockStore>());
        services.AddSingleton(provider => new SegmentReader(FolderOf(provider, options)));
        services.AddSingleton<DrainingSilos>();
        services.AddSingleton<IDrainPart, BlockDrain>();
        services.AddSingleton<IDrainPart, BlockMoving>();
        services.AddPlacementDirector<OpenSiloPlacement, OpenSiloPlacementDirector>();
        services.AddPlacementDirector<OnSiloPlacement, OnSiloPlacementDirector>();
        return services;
    }

    private static string FolderOf(IServiceProvider provider, AirOptions options) =>
        BlockFolder.Of(options.BlockFolder, ClusterOf(provider), options.BlockMemoryBytes);

    private static string ClusterOf(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId;
}
