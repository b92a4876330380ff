using Air.Orleans.Core.Resources;
using Orleans.Metadata;
using Orleans.Runtime.Placement;

namespace Air.Orleans.Core.Placement;

/// <summary>Ties the lease of a grain with <see cref="GpuPlacementAttribute"/> to the life of its activation.</summary>
internal sealed class GrainLeaseConfigurator(IServiceProvider services) : IConfigureGrainContextProvider
{
    public bool TryGetConfigurator(
        GrainType grainType,
        GrainProperties properties,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IConfigureGrainContext? configurator
    )
    {
        configurator = services.GetRequiredService<PlacementStrategyResolver>().GetPlacementStrategy(grainType)
            is GpuPlacement strategy
            ? new Configurator(
                strategy,
                services.GetRequiredService<LeaseBoard>(),
                services.GetRequiredService<LeaseKeeper>(),
                services.GetRequiredService<ILocalSiloDetails>().SiloAddress
            )
            : null;
        return configurator is not null;
    }

    private sealed class Configurator(GpuPlacement strategy, LeaseBoard board, LeaseKeeper keeper, SiloAddress silo)
        : IConfigureGrainContext
    {
        public void Configure(IGrainContext context) =>
            context.ObservableLifecycle.Subscribe(
                nameof(GrainLease),
                GrainLifecycleStage.First,
                _ => GrainLease.Of(context).BeginAsync(context, strategy, board, keeper, silo),
                _ => GrainLease.Of(context).EndAsync(context, board, keeper)
            );
    }
}
