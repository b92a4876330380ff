using Air.Orleans.Silo.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;

namespace Air.Orleans.Silo.Running;

/// <summary>How a silo logs: to the console as text or JSON, and by OTLP where that is configured; what, the "Logging" section says.</summary>
internal static class SiloLogging
{
    public static ILoggingBuilder AddSiloLogging(
        this ILoggingBuilder logging,
        SiloSettings settings,
        IConfiguration configuration,
        bool exports
    )
    {
        logging.SetMinimumLevel(LogLevel.Warning);
        logging.AddFilter("Air.Orleans.Silo", LogLevel.Information);
        logging.AddFilter("Air.Orleans.Core.Silos.SiloDrain", LogLevel.Information);
        // False alarms: the watchdog measures from the machine's start, and ServerGC is the host's choice.
        logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        // What these would say of a start that fails is in the one line that is printed.
        logging.AddFilter("Orleans.Runtime.Silo", LogLevel.Critical);
        logging.AddFilter("Orleans.Runtime.SiloLifecycleSubject", LogLevel.Critical);
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        logging.AddConfiguration(configuration.GetSection("Logging"));
        if (settings.LoggingFormat == LogFormat.Json)
        {
            logging.AddJsonConsole(static console =>
            {
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "O";
                console.IncludeScopes = true;
            });
        }
        else
        {
            logging.AddSimpleConsole(static console => console.SingleLine = true);
        }

        if (exports)
        {
            logging.AddOpenTelemetry(static exported => exported.AddOtlpExporter());
        }

        return logging;
    }
}
