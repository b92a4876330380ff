using Air.Orleans.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Air.Orleans;

/// <summary>Gives an application, such as one of ASP.NET Core, its <see cref="AirConnection"/>.</summary>
public static class AirClientServices
{
    /// <summary>
    /// Adds an <see cref="AirConnection"/> to the cluster that the configuration names (AIR_CLUSTER, or "Air:Cluster" in appsettings.json). The
    /// application starts whether or not the cluster is there.
    /// </summary>
    /// <exception cref="AirException">No cluster is named.</exception>
    /// <exception cref="FormatException">It is no URI of a cluster.</exception>
    public static IServiceCollection AddAirClient(this IServiceCollection services, IConfiguration configuration) =>
        services.AddAirClient(
            new AirClientOptions
            {
                Cluster =
                    configuration.GetAirCluster()
                    ?? throw new AirException(
                        "No cluster is named: set AIR_CLUSTER, or Air:Cluster in appsettings.json, to its URI, such as "
                            + "file:///var/air or redis://host:6379."
                    ),
                Security = configuration.GetAirClientSecurity(),
            }
        );

    /// <summary>Adds an <see cref="AirConnection"/>.</summary>
    public static IServiceCollection AddAirClient(this IServiceCollection services, AirClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new AirConnection(
            options,
            cancellationToken =>
                AirCluster.ConnectAsync(
                    options.Cluster,
                    timeout: options.ConnectLimit,
                    security: options.Security,
                    cancellationToken: cancellationToken
                ),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<AirConnection>>()
        ));
        services.AddHostedService<ConnectionService>();
        services.AddHealthChecks().AddCheck<ConnectionHealthCheck>("air");
        return services;
    }
}
