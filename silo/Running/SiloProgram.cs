using System.Net.Sockets;
using Air.Orleans.Core;
using Air.Orleans.Core.Silos;
using Air.Orleans.Hosting;
using Air.Orleans.Silo.Admin;
using Air.Orleans.Silo.Configuration;
using Air.Orleans.Silo.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Silo.Running;

/// <summary>A silo from its configuration to its end: what answers about it starts first and ends last.</summary>
internal static partial class SiloProgram
{
    /// <summary>Runs until somebody ends it; the exit code.</summary>
    public static async Task<int> RunAsync(
        string? file,
        IReadOnlyDictionary<string, IReadOnlyList<string>> flags,
        IReadOnlyDictionary<string, string?> security,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var configuration = ConfigurationFiles.Read(file, security);
            var settings = SettingsReader.Read(configuration, flags);
            foreach (var assembly in settings.Load)
            {
                UserAssemblies.Load(new FileInfo(assembly));
            }

            await RunAsync(settings, configuration, cancellationToken);
            return 0;
        }
        catch (Exception error)
            when (error is AirException or IOException or BadImageFormatException or FormatException or SocketException)
        {
            await Console.Error.WriteLineAsync($"error: {error.Message}");
            return 1;
        }
    }

    private static async Task RunAsync(
        SiloSettings settings,
        IConfiguration configuration,
        CancellationToken cancellationToken
    )
    {
        using var signals = new StopSignals();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(signals.Stopping, cancellationToken);
        using var telemetry = SiloTelemetry.Start(configuration, hasAdmin: settings.AdminPort is not null);
        var condition = new SiloCondition();
        await using var admin = await AdminEndpoint.StartAsync(settings, configuration, condition, telemetry);
        IHost host;
        try
        {
            host = await SiloStart.RunAsync(() => SiloHost.Build(settings, configuration, admin?.Url), ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            return;
        }

        using (host)
        {
            condition.Up(host.Services);
            var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Air.Orleans.Silo");
            var supervisor = new SystemdNotifier();
            await TellUpAsync(host, settings, admin?.Url, logger);
            supervisor.Notify(ServiceState.Ready);
            await UntilStoppingAsync(host, ending.Token);
            condition.Draining();
            supervisor.Notify(ServiceState.Stopping);
            await StopAsync(host, settings, logger);
            condition.Stopped();
        }
    }

    private static async Task TellUpAsync(IHost host, SiloSettings settings, Uri? admin, ILogger logger)
    {
        var silo = host.Services.GetRequiredService<ILocalSiloDetails>();
        var where =
            $"gateway {silo.GatewayAddress?.Endpoint}, cluster {settings.Cluster}{(admin is null ? "" : $", admin {admin}")}";
        if (settings.LoggingFormat == LogFormat.Json)
        {
            LogUp(logger, silo.SiloAddress.Endpoint, where);
        }
        else
        {
            await Console.Out.WriteLineAsync($"Silo {silo.SiloAddress.Endpoint} is up: {where}. Ctrl+C stops it.");
        }
    }

    /// <summary>Until a signal comes, or somebody stops the host from within, as 'air stop' does.</summary>
    private static async Task UntilStoppingAsync(IHost host, CancellationToken signalled)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        using var bySignal = signalled.UnsafeRegister(
            static it => ((TaskCompletionSource)it!).TrySetResult(),
            stopping
        );
        using var fromWithin = lifetime.ApplicationStopping.UnsafeRegister(
            static it => ((TaskCompletionSource)it!).TrySetResult(),
            stopping
        );
        await stopping.Task;
    }

    private static async Task StopAsync(IHost host, SiloSettings settings, ILogger logger)
    {
        LogDraining(logger, settings.DrainSeconds.TotalSeconds);
        await host.Services.GetRequiredService<SiloDrain>().RunAsync(settings.DrainSeconds);
        using var limit = new CancellationTokenSource(SiloHost.StopPatience);
        await host.StopAsync(limit.Token);
        LogStopped(logger);
    }

    [LoggerMessage(9001, LogLevel.Information, "Silo {Silo} is up: {Where}.")]
    private static partial void LogUp(ILogger logger, System.Net.EndPoint silo, string where);

    [LoggerMessage(
        9002,
        LogLevel.Information,
        "The silo drains, for {Seconds} s at most; a second signal ends it at once."
    )]
    private static partial void LogDraining(ILogger logger, double seconds);

    [LoggerMessage(9003, LogLevel.Information, "The silo has stopped.")]
    private static partial void LogStopped(ILogger logger);
}
