using Air.Orleans.Clustering;
using Air.Orleans.Core.Hosting;
using Air.Orleans.Core.Security;
using Air.Orleans.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Messaging;
using Orleans.Runtime.Messaging;

namespace Air.Orleans;

/// <summary>
/// A cluster, from the client's end. <c>AirCluster.StartLocalAsync()</c>, which the package Air.Orleans adds, starts
/// one in this process, which needs no server and no configuration; <see cref="ConnectAsync(string, Action{ILoggingBuilder}?, TimeSpan?, SecurityOptions?, CancellationToken)"/> connects to silos elsewhere. The same
/// program runs on both. Thread-safe; dispose it at the end of the program, which takes less than two seconds.
/// </summary>
public sealed class AirCluster : IAirCluster
{
    internal static readonly TimeSpan ShutdownTimeout = TimeSpan.FromMilliseconds(1500);

    private readonly IReadOnlyList<IHost> _hosts;
    private int _disposed;

    internal AirCluster(IReadOnlyList<IHost> hosts) => _hosts = hosts;

    /// <summary>The hosts of an embedded cluster's silos, or of the client.</summary>
    internal IReadOnlyList<IHost> Hosts => _hosts;

    /// <inheritdoc/>
    public IServiceProvider Services => _hosts[0].Services;

    /// <summary>
    /// Connects to a cluster of silos in other processes. When its gateway dies the client goes on with another; while there is no silo at all
    /// it keeps trying; calls are tried again for up to a minute, and then fail as <see cref="SiloUnavailableException"/>,
    /// <see cref="OrleansMessageRejectionException"/>, <see cref="ConnectionFailedException"/> or <see cref="TimeoutException"/>.
    /// </summary>
    /// <param name="cluster">
    /// The cluster's URI, as <see cref="ClusterUri.Parse"/> reads it, such as "file:///var/air" or "redis://host:6379".
    /// </param>
    /// <param name="logging">Adds log providers; by default warnings go to standard error.</param>
    /// <param name="timeout">How long to try; 10 seconds by default.</param>
    /// <param name="security">How this client proves who it is; by default what the environment says (AIR_TLS, AIR_SECRET_FILE).</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="AirException">Nothing answered in time; the message says what refused.</exception>
    /// <exception cref="FormatException">The URI cannot be read.</exception>
    public static Task<AirCluster> ConnectAsync(
        string cluster,
        Action<ILoggingBuilder>? logging = null,
        TimeSpan? timeout = null,
        SecurityOptions? security = null,
        CancellationToken cancellationToken = default
    ) => ConnectAsync(ClusterUri.Parse(cluster), logging, timeout, security, cancellationToken);

    /// <summary>
    /// Connects to the cluster that the environment names: AIR_CLUSTER, else "Air:Cluster" in appsettings.json in the current folder. In a job
    /// (<see cref="JobsDoor"/>) that is the cluster in which it runs.
    /// </summary>
    /// <param name="logging">Adds log providers; by default warnings go to standard error.</param>
    /// <param name="timeout">How long to try; 10 seconds by default.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="AirException">No cluster is named, or nothing answered in time; the message says what refused.</exception>
    /// <exception cref="FormatException">What is named is no URI of a cluster.</exception>
    public static Task<AirCluster> ConnectAsync(
        Action<ILoggingBuilder>? logging = null,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default
    )
    {
        var configuration = new ConfigurationBuilder()
            .SetBasePath(Directory.GetCurrentDirectory())
            .AddJsonFile("appsettings.json", optional: true)
            .AddEnvironmentVariables()
            .Build();
        var cluster =
            configuration.GetAirCluster()
            ?? throw new AirException(
                "No cluster is named: set AIR_CLUSTER to its URI, such as file:///path or redis://host:port, or give ConnectAsync the URI."
            );
        return ConnectAsync(cluster, logging, timeout, configuration.GetAirClientSecurity(), cancellationToken);
    }

    /// <inheritdoc cref="ConnectAsync(string, Action{ILoggingBuilder}?, TimeSpan?, SecurityOptions?, CancellationToken)"/>
    public static async Task<AirCluster> ConnectAsync(
        ClusterUri cluster,
        Action<ILoggingBuilder>? logging = null,
        TimeSpan? timeout = null,
        SecurityOptions? security = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(cluster);
        security ??= AirSecurityConfiguration.OfEnvironment().GetAirClientSecurity();
        var patience = timeout ?? TimeSpan.FromSeconds(10);
        var began = TimeProvider.System.GetTimestamp();
        await ClusterCheck.CheckAsync(
            ClientProviders.Of(cluster),
            cluster,
            patience,
            TimeProvider.System,
            cancellationToken
        );

        var builder = Host.CreateEmptyApplicationBuilder(null);
        ConfigureLogging(builder.Logging, logging);
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, SilentLifetime>());
        builder.UseOrleansClient(client =>
        {
            client.UseAirCluster(cluster).AddAir(security);
            client.UseConnectionRetryFilter(
                static async (_, token) =>
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, token);
                    return true;
                }
            );
        });
        var host = builder.Build();
        var probe = ProbeOf(host.Services);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var left = patience - TimeProvider.System.GetElapsedTime(began);
        limit.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        try
        {
            await StartAsync(host, probe, limit);
            return new AirCluster([host]);
        }
        catch (Exception error)
        {
            var (why, isRefused) = await probe.DescribeAsync();
            await DisposeAsync(host);
            cancellationToken.ThrowIfCancellationRequested();
            throw isRefused
                ? new AirException(
                    $"The silos of cluster '{cluster.ClusterId}' at '{cluster}' and this client do not believe each other ({why}).",
                    error
                )
                : new AirException(
                    $"No silo of cluster '{cluster.ClusterId}' at '{cluster}' answered within {patience.TotalSeconds:0.#} s ({why}). "
                        + $"Start one with 'dotnet run --project silo -- --cluster {cluster}', or check the URI.",
                    error
                );
        }
    }

    /// <summary>Orleans tries for ever where it is refused, so that somebody else looks whether it is.</summary>
    private static async Task StartAsync(IHost host, GatewayProbe probe, CancellationTokenSource limit)
    {
        using var connected = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
        var starting = host.StartAsync(limit.Token);
        var refused = probe.UntilRefusedAsync(TimeProvider.System, connected.Token);
        if (await Task.WhenAny(starting, refused) == refused && refused.IsCompletedSuccessfully)
        {
            await limit.CancelAsync();
        }

        await connected.CancelAsync();
        await starting;
    }

    /// <summary>Disconnects; an embedded cluster stops its silos. What was committed stays in the storage.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await StopAsync(_hosts);
        }
    }

    /// <summary>What the membership says, and what a connection to each gateway meets with.</summary>
    internal static async Task<string> WhyRefusedAsync(IServiceProvider services) =>
        (await ProbeOf(services).DescribeAsync()).Why;

    private static GatewayProbe ProbeOf(IServiceProvider services) =>
        new(services.GetRequiredService<IGatewayListProvider>(), services.GetRequiredService<ClusterSecurity>());

    internal static void ConfigureLogging(ILoggingBuilder builder, Action<ILoggingBuilder>? logging)
    {
        builder.SetMinimumLevel(LogLevel.Warning);
        // False alarm: the watchdog measures from the machine's start.
        builder.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        // What it would say is in the exception that the caller gets.
        builder.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        if (logging is null)
        {
            builder.AddFilter("Orleans", LogLevel.Error);
            builder.AddSimpleConsole();
            builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(static console =>
                console.LogToStandardErrorThreshold = LogLevel.Trace
            );
        }
        else
        {
            logging(builder);
        }
    }

    internal static async Task StopAsync(IEnumerable<IHost> hosts)
    {
        foreach (var host in hosts.Reverse())
        {
            using var limit = new CancellationTokenSource(ShutdownTimeout);
            try
            {
                await host.StopAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                // Its grains were not done in time; they are let go with the process or the host.
            }

            await DisposeAsync(host);
        }
    }

    private static async ValueTask DisposeAsync(IHost host)
    {
        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
        else
        {
            host.Dispose();
        }
    }
}
