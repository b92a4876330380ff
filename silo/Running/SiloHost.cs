using Air.Orleans.Core;
using Air.Orleans.Core.Hosting;
using Air.Orleans.Core.Shipping;
using Air.Orleans.Silo.Admin;
using Air.Orleans.Silo.Configuration;
using Air.Orleans.Silo.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Dashboard;

namespace Air.Orleans.Silo.Running;

/// <summary>Builds the host of a silo from its settings.</summary>
internal static class SiloHost
{
    /// <summary>How long the silo's own stop may take after the drain.</summary>
    public static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);

    public static IHost Build(SiloSettings settings, IConfiguration configuration, Uri? adminUrl)
    {
        var builder = new HostApplicationBuilder(
            new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = "air-silo" }
        );
        builder.Configuration.AddConfiguration(configuration);
        builder.Logging.AddSiloLogging(settings, configuration, SiloTelemetry.Exports(configuration));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.DrainSeconds + StopPatience);
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, SilentLifetime>());
        builder.Services.AddSingleton(settings.Cluster);
        builder.Services.AddSingleton(KnownCode.Only(settings.Load, AppContext.BaseDirectory));
        builder.UseOrleans(silo =>
        {
            silo.UseAirCluster(
                    settings.Cluster,
                    settings.Storage,
                    settings.SiloPort,
                    settings.GatewayPort,
                    settings.Address
                )
                .AddAir(Options(settings, adminUrl))
                .AddActivityPropagation();
            if (settings.Dashboard)
            {
                silo.AddDashboard();
                silo.Services.AddDashboardRouting();
            }

            if (settings.Kubernetes)
            {
                silo.UseKubernetesHosting();
            }
        });
        return builder.Build();
    }

    private static AirOptions Options(SiloSettings settings, Uri? adminUrl)
    {
        var options = new AirOptions();
        return options with
        {
            Resources = options.Resources.With(settings.Resources),
            Labels = AirOptions.ParseLabels(settings.Labels),
            HttpPort = settings.HttpPort,
            DataPort = settings.DataPort,
            FlightPort = settings.FlightPort,
            BlockMemoryBytes = settings.BlockMemory ?? options.BlockMemoryBytes,
            BlockFolder = settings.BlockFolder,
            SpillFolder = settings.SpillFolder,
            CodeFolder = settings.CodeFolder,
            ResumeRunsAfterRestart = settings.ResumeRunsAfterRestart,
            AdminUrl = adminUrl,
            MayBeStopped = true,
        };
    }
}
