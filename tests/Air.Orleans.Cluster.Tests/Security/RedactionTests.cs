using System.Collections.Concurrent;
using System.Diagnostics;
using Air.Orleans.Core;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Quickstart;
using Air.Orleans.Tests;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Cluster.Tests.Security;

/// <summary>What is secret is in no log, no output and no error, however much is logged.</summary>
public sealed class RedactionTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Secrets_WhileEverythingIsLogged_AreNowhere()
    {
        using var folder = new TemporaryFolder();
        var secured = new SecureCluster();
        var certs = secured.NewCerts("certs");
        var security = SecureCluster.OfFolder(certs, "client");
        string[] secrets =
        [
            (await File.ReadAllTextAsync(security.SecretFile!)).Trim(),
            (await File.ReadAllLinesAsync(security.ApiKeysFile!))[^1].Split('=', 2)[1],
            .. (await File.ReadAllLinesAsync(Path.Combine(certs, "silo.key")))[1..^1],
        ];
        var log = new Lines();
        var trace = new Dictionary<string, string> { ["Logging__LogLevel__Default"] = "Trace" };
        await using var silo = await SiloProcess.StartAsync(
            secured.Uri,
            arguments: ["--tls", certs],
            environment: trace
        );
        await using (
            var air = await AirCluster.ConnectAsync(
                secured.Uri,
                logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log),
                SiloProcess.StartLimit,
                security
            )
        )
        {
            var quickstart = new QuickstartProgram(air, new() { Workers = 1, Samples = 1 }, new SilentProgress());
            await quickstart.RunAsync().WaitAsync(Limit);
        }

        var status = await AirAsync("status", "--json", "--tls", certs, "--cluster", secured.Uri);
        var refused = await Assert.ThrowsAsync<AirException>(() =>
            AirCluster.ConnectAsync(
                secured.Uri,
                security: security with
                {
                    SecretFile = null,
                    Secret = new string('x', 40),
                }
            )
        );

        Assert.Contains("gateway", silo.Output, StringComparison.OrdinalIgnoreCase);
        Assert.True(log.All.Count > 20, "The client logged nothing.");
        string[] texts = [silo.Output, status, $"{refused}", .. log.All];
        Assert.All(
            secrets,
            secret => Assert.DoesNotContain(texts, text => text.Contains(secret, StringComparison.Ordinal))
        );
        Assert.DoesNotContain(texts, static text => text.Contains("xxxxxxxxxxxx", StringComparison.Ordinal));
        await secured.DisposeAsync();
    }

    [Fact]
    public void ToString_OfADataEndpoint_HoldsNoSecret() =>
        Assert.DoesNotContain(
            "known-secret",
            $"{new DataEndpoint("127.0.0.1", 1, "known-secret")}",
            StringComparison.Ordinal
        );

    private static async Task<string> AirAsync(params string[] arguments)
    {
        using var process = new Process
        {
            StartInfo = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "air.dll"), .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.Start();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Limit);
        Assert.Equal(0, process.ExitCode);
        return await output + await error;
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => All.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
