using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Loader;
using Air.Orleans.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Silo;

/// <summary>Starts one silo on loopback: the first of a cluster, or one that joins it.</summary>
internal static class SiloCommand
{
    private const int DefaultSiloPort = 11111;
    private const int DefaultHttpPort = 8000;

    public static RootCommand Create()
    {
        var siloPort = NewPort("--silo-port", DefaultSiloPort, "The port for other silos");
        var gatewayPort = NewPort("--gateway-port", 30000, "The port for clients");
        var httpPort = new Option<int?>("--http-port")
        {
            Description =
                $"The port for served models; {DefaultHttpPort} by default, or a free one where that is taken",
        };
        var cluster = new Option<string?>("--cluster")
        {
            Description =
                $"The first silo of the cluster to join (localhost or localhost:{DefaultSiloPort}); without it, this is the first",
        };
        var storage = new Option<DirectoryInfo>("--storage")
        {
            Description = "The folder for checkpoints and runs; all silos of a cluster must share it",
            DefaultValueFactory = static _ => new DirectoryInfo(".air"),
        };
        var cpus = new Option<double>("--cpu")
        {
            Description = "How many CPUs this silo offers",
            DefaultValueFactory = static _ => Environment.ProcessorCount,
        };
        var load = new Option<FileInfo[]>("--load")
        {
            Description =
                "An assembly with user code (training loops, functions, predictors); may be given several times",
            DefaultValueFactory = static _ => [],
        };
        var command = new RootCommand("air-silo: a silo of Air.Orleans")
        {
            siloPort,
            gatewayPort,
            httpPort,
            cluster,
            storage,
            cpus,
            load,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                RunAsync(
                    new SiloSettings(
                        parsed.GetValue(siloPort),
                        parsed.GetValue(gatewayPort),
                        parsed.GetValue(httpPort),
                        parsed.GetValue(cluster),
                        parsed.GetValue(storage)!.FullName,
                        parsed.GetValue(cpus),
                        parsed.GetValue(load) ?? []
                    ),
                    cancellationToken
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(SiloSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var file in settings.Load)
            {
                AssemblyLoadContext.Default.LoadFromAssemblyPath(file.FullName);
            }

            using var host = Build(settings);
            await host.StartAsync(cancellationToken);
            await Console.Out.WriteLineAsync(
                $"Silo 127.0.0.1:{settings.SiloPort} is up: gateway 127.0.0.1:{settings.GatewayPort}, storage '{settings.Storage}'. Ctrl+C stops it."
            );
            await host.WaitForShutdownAsync(cancellationToken);
            return 0;
        }
        catch (Exception error)
            when (error is AirException or IOException or BadImageFormatException or FormatException or SocketException)
        {
            await Console.Error.WriteLineAsync($"error: {error.Message}");
            return 1;
        }
    }

    private static IHost Build(SiloSettings settings)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        // False alarms: the watchdog measures from the machine's start, and ServerGC is the host's choice.
        builder.Logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        builder.Logging.AddFilter("Orleans.Runtime.Silo", LogLevel.Error);
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(
                settings.SiloPort,
                settings.GatewayPort,
                Primary(settings),
                LocalClusterName.ServiceId,
                LocalClusterName.ClusterId
            );
            silo.AddAir(
                new AirOptions
                {
                    StorageFolder = settings.Storage,
                    Resources = new ResourceSet { Cpu = settings.Cpus },
                    HttpPort = settings.HttpPort ?? (IsFree(DefaultHttpPort) ? DefaultHttpPort : 0),
                }
            );
        });
        return builder.Build();
    }

    private static IPEndPoint Primary(SiloSettings settings)
    {
        if (settings.Cluster is not { } cluster)
        {
            return new IPEndPoint(IPAddress.Loopback, settings.SiloPort);
        }

        var parts = cluster.Split(':');
        var port = DefaultSiloPort;
        return parts[0] is "localhost" or "127.0.0.1" && (parts.Length == 1 || int.TryParse(parts[1], out port))
            ? new IPEndPoint(IPAddress.Loopback, port)
            : throw new FormatException(
                $"--cluster is '{cluster}'; it must be localhost or localhost:PORT, the first silo's port."
            );
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static Option<int> NewPort(string name, int port, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => port };

    private sealed record SiloSettings(
        int SiloPort,
        int GatewayPort,
        int? HttpPort,
        string? Cluster,
        string Storage,
        double Cpus,
        FileInfo[] Load
    );
}
