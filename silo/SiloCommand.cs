using System.CommandLine;
using System.Net.Sockets;
using Air.Orleans.Core;
using Air.Orleans.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Silo;

/// <summary>Starts one silo. All silos of a cluster are equal, and find each other by its URI.</summary>
internal static class SiloCommand
{
    /// <summary>Where silos and commands meet when nobody says otherwise: the folder ".air" here.</summary>
    public const string DefaultCluster = "file:.air";

    /// <summary>Gives <paramref name="command"/> the options of a silo, and starts one when it is called.</summary>
    public static TCommand Configure<TCommand>(TCommand command)
        where TCommand : Command
    {
        var siloPort = NewPort("--silo-port", "The port for other silos");
        var gatewayPort = NewPort("--gateway-port", "The port for clients");
        var httpPort = NewPort("--http-port", "The port for served models");
        var address = new Option<string?>("--address")
        {
            Description =
                "The IP address of this machine to listen on and to be found under, on a private network as nothing is encrypted; "
                + "else AIR_ADDRESS, else Air:Address in appsettings.json, else loopback",
        };
        var cluster = new Option<string?>("--cluster")
        {
            Description =
                "The cluster: file:///path, redis://host:port, postgresql://user@host/database or azure://, with ?cluster=ID; "
                + $"else AIR_CLUSTER, else Air:Cluster in appsettings.json, else {DefaultCluster}",
        };
        var storage = new Option<string?>("--storage")
        {
            Description =
                "Where checkpoints and runs are kept when not with the cluster: a URI as for --cluster, or sqlite:///path; "
                + "else AIR_STORAGE, else Air:Storage",
        };
        var resources = new Option<string>("--resources")
        {
            Description =
                "What this silo offers in place of what the machine has, such as GPU=2,CPU=4,memory=8GB,licence=1",
            DefaultValueFactory = static _ => "",
        };
        var labels = new Option<string>("--labels")
        {
            Description = "Labels that work can ask for, such as zone=a,tier=gpu",
            DefaultValueFactory = static _ => "",
        };
        var load = new Option<FileInfo[]>("--load")
        {
            Description =
                "An assembly with user code (training loops, functions, predictors); may be given several times",
            DefaultValueFactory = static _ => [],
        };
        foreach (
            var option in new Option[]
            {
                address,
                siloPort,
                gatewayPort,
                httpPort,
                cluster,
                storage,
                resources,
                labels,
                load,
            }
        )
        {
            command.Add(option);
        }

        command.SetAction(
            (parsed, cancellationToken) =>
                RunAsync(
                    new SiloSettings(
                        parsed.GetValue(address),
                        parsed.GetValue(siloPort),
                        parsed.GetValue(gatewayPort),
                        parsed.GetValue(httpPort),
                        parsed.GetValue(cluster),
                        parsed.GetValue(storage),
                        parsed.GetValue(resources)!,
                        parsed.GetValue(labels)!,
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
                UserAssemblies.Load(file);
            }

            using var host = await SiloStart.RunAsync(() => Build(settings), cancellationToken);
            var silo = host.Services.GetRequiredService<ILocalSiloDetails>();
            var cluster = host.Services.GetRequiredService<ClusterUri>();
            await Console.Out.WriteLineAsync(
                $"Silo {silo.SiloAddress.Endpoint} is up: gateway {silo.GatewayAddress?.Endpoint}, cluster {cluster}. Ctrl+C stops it."
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
        // What these would say of a start that fails is in the one line that is printed.
        builder.Logging.AddFilter("Orleans.Runtime.Silo", LogLevel.Critical);
        builder.Logging.AddFilter("Orleans.Runtime.SiloLifecycleSubject", LogLevel.Critical);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
        var cluster = settings.Cluster is { } uri ? ClusterUri.Parse(uri) : builder.Configuration.GetAirCluster();
        cluster ??= ClusterUri.Parse(DefaultCluster);
        var storage = settings.Storage is { } place ? ClusterUri.Parse(place) : builder.Configuration.GetAirStorage();
        var address = settings.Address is { } ip
            ? AirConfiguration.ParseAddress(ip)
            : builder.Configuration.GetAirAddress();
        builder.Services.AddSingleton(cluster);
        builder.UseOrleans(silo =>
            silo.UseAirCluster(cluster, storage, settings.SiloPort, settings.GatewayPort, address)
                .AddAir(
                    new AirOptions
                    {
                        Resources = new AirOptions().Resources.With(settings.Resources),
                        Labels = AirOptions.ParseLabels(settings.Labels),
                        HttpPort = settings.HttpPort,
                        MayBeStopped = true,
                    }
                )
        );
        return builder.Build();
    }

    private static Option<int> NewPort(string name, string description) =>
        new(name) { Description = $"{description}; 0 takes a free one" };

    private sealed record SiloSettings(
        string? Address,
        int SiloPort,
        int GatewayPort,
        int HttpPort,
        string? Cluster,
        string? Storage,
        string Resources,
        string Labels,
        FileInfo[] Load
    );
}
