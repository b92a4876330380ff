using Air.Orleans.Storage;

namespace Air.Orleans.Clustering;

/// <summary><c>redis://host:port[/db]</c>: the membership is one key, "air/members/ID", and each state is one hash.</summary>
internal sealed class RedisClusterProvider : IClusterProvider
{
    private readonly RedisClientProvider _client = new();

    public string Scheme => _client.Scheme;

    public void ConfigureSilo(ISiloBuilder silo, ClusterUri uri) =>
        silo.UseRedisClustering(options => options.ConfigurationOptions = RedisClientProvider.Options(uri));

    public void ConfigureClient(IClientBuilder client, ClusterUri uri) => _client.ConfigureClient(client, uri);

    public void ConfigureStorage(IServiceCollection services, ClusterUri uri) =>
        services.AddRedisStorage(AirOptions.StorageName, RedisClientProvider.Options(uri));

    public Task InitializeAsync(ClusterUri uri, CancellationToken cancellationToken) =>
        CheckAsync(uri, cancellationToken);

    public Task CheckAsync(ClusterUri uri, CancellationToken cancellationToken) =>
        _client.CheckAsync(uri, cancellationToken);
}
