using Air.Orleans.Core.Silos;
using Air.Orleans.Train.Collectives;
using Air.Orleans.Train.Prediction;
using Air.Orleans.Train.Workers;

namespace Air.Orleans.Train.Hosting;

/// <summary>Registers what a silo needs of Train.</summary>
internal static class TrainServices
{
    public static IServiceCollection AddAirTrainToSilo(this IServiceCollection services) =>
        services
            .AddSingleton<CollectiveHub>()
            .AddSingleton<ModelCache>()
            .AddSingleton<TrainDrain>()
            .AddSingleton<IDrainPart>(static provider => provider.GetRequiredService<TrainDrain>())
            .AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static provider =>
                provider.GetRequiredService<TrainDrain>()
            );
}
