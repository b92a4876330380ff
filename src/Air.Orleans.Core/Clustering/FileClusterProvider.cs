using Air.Orleans.Core.Clustering.Membership;
using Air.Orleans.Core.Storage;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Storage;

namespace Air.Orleans.Core.Clustering;

/// <summary><c>file:///path</c>: silo processes on one machine, with no server. Membership is in path/membership.</summary>
internal sealed class FileClusterProvider : IClusterProvider
{
    public string Scheme => "file";

    public void ConfigureSilo(ISiloBuilder silo, ClusterUri uri)
    {
        silo.Services.AddSingleton(provider => Table(provider, uri));
        silo.Services.AddSingleton<IMembershipTable>(static provider =>
            provider.GetRequiredService<FileMembershipTable>()
        );
        silo.Services.AddSingleton<FileMembershipWatch>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static provider =>
            provider.GetRequiredService<FileMembershipWatch>()
        );
    }

    public void ConfigureClient(IClientBuilder client, ClusterUri uri)
    {
        client.Services.AddSingleton(provider => Table(provider, uri));
        client.Services.AddSingleton<IGatewayListProvider>(static provider => new BookGateways(
            provider.GetRequiredService<FileMembershipTable>().Peek,
            provider.GetRequiredService<IOptions<GatewayOptions>>()
        ));
    }

    public void ConfigureStorage(IServiceCollection services, ClusterUri uri) =>
        services.AddKeyedSingleton<IGrainStorage>(
            AirOptions.StorageName,
            (provider, _) => new FileGrainStorage(uri.Path, provider.GetRequiredService<Serializer>())
        );

    public Task InitializeAsync(ClusterUri uri, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(uri.Path);
            return Task.CompletedTask;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new AirException($"The folder of '{uri}' cannot be made: {error.Message}", error);
        }
    }

    public Task CheckAsync(ClusterUri uri, CancellationToken cancellationToken) =>
        File.Exists(uri.Path)
            ? throw new AirException(
                $"'{uri.Path}' of '{uri}' is a file; name a folder, which is made when it is not there."
            )
            : Task.CompletedTask;

    /// <summary>Where the table of a cluster is.</summary>
    internal static string MembershipFolder(ClusterUri uri) => Path.Combine(uri.Path, "membership", uri.ClusterId);

    private static FileMembershipTable Table(IServiceProvider provider, ClusterUri uri) =>
        new(MembershipFolder(uri), provider.GetService<TimeProvider>() ?? TimeProvider.System);
}
