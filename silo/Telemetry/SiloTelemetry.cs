using Microsoft.Extensions.Configuration;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Air.Orleans.Silo.Telemetry;

/// <summary>
/// What a silo measures and traces, for the admin port's /metrics and, where the standard OTEL_ variables name an endpoint, by OTLP. It outlives
/// the silo's own host, so that the drain is seen.
/// </summary>
internal sealed class SiloTelemetry : IDisposable
{
    private static readonly string[] Endpoints =
    [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    ];

    private readonly TracerProvider? _traces;

    private SiloTelemetry(MeterProvider? metrics, TracerProvider? traces) => (Metrics, _traces) = (metrics, traces);

    /// <summary>The metrics; null where nobody could read them.</summary>
    public MeterProvider? Metrics { get; }

    /// <summary>Whether anything goes out by OTLP.</summary>
    public static bool Exports(IConfiguration configuration) =>
        Endpoints.Any(name => configuration[name] is { Length: > 0 });

    public static SiloTelemetry Start(IConfiguration configuration, bool hasAdmin)
    {
        var exports = Exports(configuration);
        return new SiloTelemetry(
            hasAdmin || exports ? NewMetrics(hasAdmin, exports) : null,
            exports ? NewTraces() : null
        );
    }

    public void Dispose()
    {
        _traces?.Dispose();
        Metrics?.Dispose();
    }

    private static MeterProvider NewMetrics(bool hasAdmin, bool exports)
    {
        var builder = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(NewResource())
            .AddMeter("Air.Orleans.*", "Microsoft.Orleans")
            .AddRuntimeInstrumentation();
        if (hasAdmin)
        {
            builder.AddPrometheusExporter();
        }

        if (exports)
        {
            builder.AddOtlpExporter();
        }

        return builder.Build();
    }

    private static TracerProvider NewTraces() =>
        Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(NewResource())
            .AddSource("Air.Orleans.*", "Microsoft.Orleans.*")
            .AddOtlpExporter()
            .Build();

    /// <summary>OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.</summary>
    private static ResourceBuilder NewResource() =>
        ResourceBuilder
            .CreateEmpty()
            .AddTelemetrySdk()
            .AddService("air-silo", serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}")
            .AddEnvironmentVariableDetector();
}
