using Air.Orleans.Core.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Air.Orleans.Storage;

/// <summary>Puts a storage that Orleans or another library brings behind Air.Orleans' border.</summary>
internal static class GuardedStorageServices
{
    /// <summary>The name that the storage behind the storage <paramref name="name"/> is registered under.</summary>
    public static string Behind(string name) => $"{name}.behind";

    /// <summary>Registers the storage <paramref name="name"/> before that of <see cref="Behind"/>.</summary>
    public static IServiceCollection AddGuardedStorage(
        this IServiceCollection services,
        string name,
        StorageBorder border
    )
    {
        services.TryAddSingleton(TimeProvider.System);
        return services.AddKeyedSingleton<IGrainStorage>(
            name,
            (provider, _) =>
                new GuardedGrainStorage(
                    provider.GetRequiredKeyedService<IGrainStorage>(Behind(name)),
                    border,
                    provider.GetRequiredService<Serializer>(),
                    provider.GetRequiredService<IActivatorProvider>(),
                    provider.GetRequiredService<TimeProvider>(),
                    provider.GetRequiredService<ILogger<GuardedGrainStorage>>()
                )
        );
    }
}
