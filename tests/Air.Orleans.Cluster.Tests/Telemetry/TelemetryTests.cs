using System.Text.Json;
using Air.Orleans.Core;
using Air.Orleans.Data;
using Air.Orleans.Tests;

namespace Air.Orleans.Cluster.Tests.Telemetry;

/// <summary>What leaves a silo about itself by other ways than its admin port.</summary>
public sealed class TelemetryTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Otlp_EndpointIsSet_GetsMetricsTracesAndTheLog()
    {
        using var folder = new TemporaryFolder();
        await using var collector = await OtlpCollector.StartAsync();
        var received = Task.WhenAll(
            collector.ReceivedAsync("metrics", "air.core."),
            collector.ReceivedAsync("metrics", "a-name-of-these-tests"),
            collector.ReceivedAsync("traces", "Microsoft.Orleans"),
            collector.ReceivedAsync("logs", "The silo has stopped.")
        );
        var cluster = ClusterUri.OfFolder(folder.Path).ToString();
        await using var silo = await SiloProcess.StartAsync(
            cluster,
            environment: new Dictionary<string, string>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_SERVICE_NAME"] = "a-name-of-these-tests",
            }
        );
        await using (var air = await AirCluster.ConnectAsync(cluster))
        {
            Assert.Equal(5, await air.Data.Range(10).Filter(static row => row.Get<long>("id") > 4).CountAsync());
        }

        await silo.TerminateAsync();
        await silo.WaitForExitAsync(Limit);

        await received.WaitAsync(Limit);
        Assert.Equal(0, silo.ExitCode);
    }

    [Fact]
    public async Task Log_FormatIsJson_IsAnObjectOnEveryLine()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SiloProcess.StartAsync(
            ClusterUri.OfFolder(folder.Path).ToString(),
            arguments: ["--log-format", "json"]
        );
        await silo.TerminateAsync();
        await silo.WaitForExitAsync(Limit);

        var lines = silo.Output.Split('\n').Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        var up = Assert.Single(lines, static line => line.GetProperty("EventId").GetInt32() == 9001);
        Assert.Equal("Information", up.GetProperty("LogLevel").GetString());
        Assert.Equal($"127.0.0.1:{silo.SiloPort}", up.GetProperty("State").GetProperty("Silo").GetString());
        Assert.All(lines, static line => Assert.True(line.TryGetProperty("Timestamp", out _)));
    }
}
