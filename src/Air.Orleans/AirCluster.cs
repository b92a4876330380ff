using System.Net;
using Air.Orleans.Hosting;
using Microsoft.Extensions.Logging;

namespace Air.Orleans;

/// <summary>
/// A cluster, from the client's end. <see cref="StartLocalAsync(AirOptions?, int, Action{ILoggingBuilder}?, CancellationToken)"/> starts
/// one in this process, which needs no server and no configuration; <see cref="ConnectAsync"/> connects to silos elsewhere. The same
/// program runs on both. Thread-safe; dispose it at the end of the program, which takes less than two seconds.
/// </summary>
public sealed class AirCluster : IAirCluster
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromMilliseconds(1500);

    private readonly IReadOnlyList<IHost> _hosts;
    private int _disposed;

    private AirCluster(IReadOnlyList<IHost> hosts) => _hosts = hosts;

    /// <inheritdoc/>
    public IServiceProvider Services => _hosts[0].Services;

    /// <summary>Starts an embedded cluster in this process.</summary>
    /// <param name="options">What each silo offers; by default all CPUs of the machine, and storage in the folder ".air".</param>
    /// <param name="silos">How many silos; more than one is for tests, as they share this process.</param>
    /// <param name="logging">Adds log providers; by default warnings go to standard error.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="silos"/> is less than 1.</exception>
    public static async Task<AirCluster> StartLocalAsync(
        AirOptions? options = null,
        int silos = 1,
        Action<ILoggingBuilder>? logging = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(silos, 1);
        options ??= new AirOptions();
        var ports = FreePorts.Take(silos * 2);
        var clusterId = $"air-{Guid.NewGuid():N}";
        var hosts = new List<IHost>();
        try
        {
            for (var i = 0; i < silos; i++)
            {
                var host = BuildSilo(options, clusterId, ports[2 * i], ports[(2 * i) + 1], ports[0], logging);
                hosts.Add(host);
                await host.StartAsync(cancellationToken);
            }

            return new AirCluster(hosts);
        }
        catch
        {
            await StopAsync(hosts);
            throw;
        }
    }

    /// <summary>Connects to a cluster of silos in other processes.</summary>
    /// <param name="address">
    /// The gateway of a silo as "host:port" or "host"; the port is 30000 by default, as a silo's is. Several are parted by commas.
    /// </param>
    /// <param name="logging">Adds log providers; by default warnings go to standard error.</param>
    /// <param name="timeout">How long to try; 10 seconds by default.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="AirException">No gateway answered in time; the message names them and what refused.</exception>
    /// <exception cref="FormatException">The address cannot be read.</exception>
    public static async Task<AirCluster> ConnectAsync(
        string address,
        Action<ILoggingBuilder>? logging = null,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(address);
        var gateways = await GatewayAddress.ParseAsync(address, cancellationToken);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        ConfigureLogging(builder.Logging, logging);
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering([.. gateways]);
            client.Services.Configure<ClusterOptions>(static cluster =>
            {
                cluster.ClusterId = LocalClusterName.ClusterId;
                cluster.ServiceId = LocalClusterName.ServiceId;
            });
            client.UseConnectionRetryFilter(
                static async (_, token) =>
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, token);
                    return true;
                }
            );
            client.AddAir();
        });
        var host = builder.Build();
        var patience = timeout ?? TimeSpan.FromSeconds(10);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            await host.StartAsync(limit.Token);
            return new AirCluster([host]);
        }
        catch (Exception error)
        {
            host.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            var why = await GatewayAddress.WhyRefusedAsync(gateways);
            throw new AirException(
                $"No silo answered at {string.Join(", ", gateways)} within {patience.TotalSeconds:0.#} s ({why}). "
                    + "Start one with 'dotnet run --project silo', or check the address and port.",
                error
            );
        }
    }

    /// <summary>Disconnects; an embedded cluster stops its silos. What was committed stays in the storage.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await StopAsync(_hosts);
        }
    }

    private static IHost BuildSilo(
        AirOptions options,
        string clusterId,
        int siloPort,
        int gatewayPort,
        int primaryPort,
        Action<ILoggingBuilder>? logging
    )
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        ConfigureLogging(builder.Logging, logging);
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = ShutdownTimeout);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(
                siloPort,
                gatewayPort,
                new IPEndPoint(IPAddress.Loopback, primaryPort),
                LocalClusterName.ServiceId,
                clusterId
            );
            silo.AddAir(options);
        });
        return builder.Build();
    }

    private static void ConfigureLogging(ILoggingBuilder builder, Action<ILoggingBuilder>? logging)
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

    /// <summary>The last silo first, so that the first, on which the membership stands, is there to the end.</summary>
    private static async Task StopAsync(IEnumerable<IHost> hosts)
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
}
