using System.Net;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Security;
using Microsoft.Extensions.Logging.Abstractions;
using Services = Microsoft.Extensions.DependencyInjection;

namespace Air.Orleans.Core.Tests.DataPlane;

/// <summary>The data plane of a silo without the silo, and a client of it.</summary>
internal sealed class DataPlaneHost : IAsyncDisposable
{
    /// <summary>Short enough that a test of silence ends soon.</summary>
    public static DataLimits Hasty { get; } =
        new()
        {
            Connect = TimeSpan.FromSeconds(1),
            Handshake = TimeSpan.FromSeconds(1),
            Stall = TimeSpan.FromSeconds(1),
            SlowPeer = TimeSpan.FromSeconds(2),
            Patience = TimeSpan.FromSeconds(4),
            RangeBytes = 1 << 20,
            StopPatience = TimeSpan.Zero,
        };

    private readonly Services.ServiceProvider _services;
    private readonly LifecycleOnce _life = new();

    private DataPlaneHost(Services.ServiceProvider services, DataServer server, DataClient client) =>
        (_services, Server, Client) = (services, server, client);

    public DataServer Server { get; }

    public DataClient Client { get; }

    public DataEndpoint Endpoint => Server.Endpoint;

    public static async Task<DataPlaneHost> StartAsync(
        IDataSource source,
        DataLimits? limits = null,
        ClusterTls? tls = null,
        string? secret = null,
        IPAddress? address = null
    )
    {
        var services = Services.ServiceCollectionContainerBuilderExtensions.BuildServiceProvider(
            Services.LoggingServiceCollectionExtensions.AddLogging(new Services.ServiceCollection())
        );
        var server = new DataServer(
            [source],
            new Place(address ?? IPAddress.Loopback),
            new AirOptions(),
            tls ?? ClusterTls.Off,
            ClusterSecret.Of(secret),
            limits ?? Hasty,
            services,
            NullLoggerFactory.Instance,
            TimeProvider.System
        );
        var host = new DataPlaneHost(services, server, NewClient(limits, tls, secret));
        server.Participate(host._life);
        await host._life.StartAsync();
        return host;
    }

    public static DataClient NewClient(DataLimits? limits = null, ClusterTls? tls = null, string? secret = null) =>
        new(tls ?? ClusterTls.Off, ClusterSecret.Of(secret), limits ?? Hasty, TimeProvider.System);

    public async Task<byte[]> FetchAsync(string key, DataEndpoint? through = null)
    {
        byte[]? bytes = null;
        await Client.FetchAsync(
            through ?? Endpoint,
            key,
            length => ValueTask.FromResult<Memory<byte>>(bytes = new byte[length]),
            CancellationToken.None
        );
        return bytes!;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _life.StopAsync();
        Server.Dispose();
        await _services.DisposeAsync();
    }

    private sealed class Place(IPAddress address) : ILocalSiloDetails
    {
        public string Name => "test";
        public string ClusterId => "test";
        public string DnsHostName => "localhost";
        public SiloAddress SiloAddress { get; } = SiloAddress.New(new IPEndPoint(address, 1), 1);
        public SiloAddress GatewayAddress => SiloAddress;
    }

    /// <summary>Starts and stops the one that takes part.</summary>
    private sealed class LifecycleOnce : ISiloLifecycle
    {
        private ILifecycleObserver? _observer;

        public int HighestCompletedStage => 0;
        public int LowestStoppedStage => 0;

        public Task StartAsync() => _observer!.OnStart(CancellationToken.None);

        public Task StopAsync() => _observer!.OnStop(CancellationToken.None);

        public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
        {
            _observer = observer;
            return new MemoryStream();
        }
    }
}
