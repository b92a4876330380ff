using Air.Orleans.Core.Silos;
using Air.Orleans.Serve.Http;
using Air.Orleans.Serve.Replicas;
using Air.Orleans.Serve.Routing;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Air.Orleans.Serve.Hosting;

/// <summary>Registers what Serve does, in a silo or in a client.</summary>
internal static class ServeServices
{
    /// <summary>What a silo needs of Serve.</summary>
    public static IServiceCollection AddAirServeToSilo(this IServiceCollection services)
    {
        services.AddAirServeToClient();
        services.AddSingleton<ServeShutdown>();
        services.AddSingleton<HttpIngress>();
        services.AddSingleton<ServeSilo>();
        services.AddSingleton<IDrainPart, ServeDrain>();
        services.AddSingleton<IDrainPart, IngressDrain>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static provider =>
            provider.GetRequiredService<ServeSilo>()
        );
        return services;
    }

    /// <summary>What a client needs of Serve.</summary>
    public static IServiceCollection AddAirServeToClient(this IServiceCollection services)
    {
        services.TryAddSingleton<ReplicaDirectory>();
        services.TryAddSingleton<DeploymentRouter>();
        return services;
    }
}
