using Air.Orleans.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Storage;

namespace Air.Orleans.Testing.Storage;

/// <summary>
/// A grain storage without a silo around it: its services, opened in the stages of a silo's start. Disposing it closes them. The storage
/// is as thread-safe as it is in a silo.
/// </summary>
public sealed class GrainStorageHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly SiloLifecycleSubject _lifecycle = new(NullLogger<SiloLifecycleSubject>.Instance);

    private GrainStorageHost(ServiceProvider services) => _services = services;

    /// <summary>The storage.</summary>
    public IGrainStorage Storage { get; private set; } = null!;

    /// <summary>Registers a storage as a silo would, opens it and returns when it can be used.</summary>
    /// <param name="configure">Registers the storage; logging, serialization and the names of cluster and service are there.</param>
    /// <param name="name">The name that it registers the storage under.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="InvalidOperationException"><paramref name="configure"/> registers no storage of that name.</exception>
    public static async Task<GrainStorageHost> StartAsync(
        Action<IServiceCollection> configure,
        string name = AirOptions.StorageName,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(configure);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSerializer(static serializer => serializer.AddAssembly(typeof(GrainStorageHost).Assembly));
        services.AddSingleton<IGrainStorageSerializer, OrleansGrainStorageSerializer>();
        services.Configure<ClusterOptions>(static cluster =>
        {
            cluster.ClusterId = ClusterUri.DefaultClusterId;
            cluster.ServiceId = ClusterUri.ServiceId;
        });
        configure(services);
        var host = new GrainStorageHost(services.BuildServiceProvider());
        try
        {
            foreach (var participant in host._services.GetServices<ILifecycleParticipant<ISiloLifecycle>>())
            {
                participant.Participate(host._lifecycle);
            }

            await host._lifecycle.OnStart(cancellationToken);
            host.Storage = host._services.GetRequiredKeyedService<IGrainStorage>(name);
            return host;
        }
        catch
        {
            await host._services.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _lifecycle.OnStop();
        await _services.DisposeAsync();
    }
}
