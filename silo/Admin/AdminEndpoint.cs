using System.Net;
using System.Text.Json;
using Air.Orleans.Core;
using Air.Orleans.Core.Hosting;
using Air.Orleans.Core.Security;
using Air.Orleans.Silo.Configuration;
using Air.Orleans.Silo.Running;
using Air.Orleans.Silo.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Air.Orleans.Silo.Admin;

/// <summary>
/// The admin port: /livez, /readyz, /metrics and /dashboard, on a Kestrel of its own, which listens before the silo starts and until it has
/// ended. Beyond loopback it has TLS where the silo's HTTP has it; its callers show its key and no certificate.
/// </summary>
internal sealed class AdminEndpoint : IAsyncDisposable
{
    public const string LivePath = "/livez";
    public const string ReadyPath = "/readyz";
    public const string MetricsPath = "/metrics";

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(1);

    private readonly WebApplication _application;

    private AdminEndpoint(WebApplication application, Uri url) => (_application, Url) = (application, url);

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>Begins to listen; null where the port is off.</summary>
    /// <exception cref="AirException">The port is taken or not allowed.</exception>
    public static async Task<AdminEndpoint?> StartAsync(
        SiloSettings settings,
        IConfiguration configuration,
        SiloCondition condition,
        SiloTelemetry telemetry
    )
    {
        if (settings.AdminPort is not { } port)
        {
            return null;
        }

        var security = SecurityLoader.Load(configuration.GetAirSiloSecurity(), isSilo: true, TimeProvider.System);
        // Supervisors and probes on the machine itself need no certificate.
        var hasTls = !IPAddress.IsLoopback(settings.AdminAddress);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddSiloLogging(settings, configuration, exports: false);
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, SilentLifetime>());
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = StopPatience);
        builder
            .WebHost.UseKestrelCore()
            .ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Listen(
                    settings.AdminAddress,
                    port,
                    listen =>
                    {
                        if (hasTls)
                        {
                            HttpSecurity.UseTls(listen, security);
                        }
                    }
                );
            });
        var application = builder.Build();
        Map(application, settings, condition, telemetry);
        try
        {
            await application.StartAsync();
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException)
        {
            await application.DisposeAsync();
            throw new AirException(
                $"The admin port cannot listen on {new IPEndPoint(settings.AdminAddress, port)}: {error.Message} Set Air:AdminPort to a "
                    + "free port, to 0 for any free one, or to off, and Air:AdminAddress to an address of this machine.",
                error
            );
        }

        var url = new UriBuilder(application.Urls.First());
        if (hasTls)
        {
            url.Scheme = HttpSecurity.SchemeOf(security);
        }

        return new AdminEndpoint(application, url.Uri);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }

    private static void Map(
        WebApplication application,
        SiloSettings settings,
        SiloCondition condition,
        SiloTelemetry telemetry
    )
    {
        var health = new SiloHealth(condition, TimeProvider.System);
        var key = AdminKey.Of(settings);
        application.Map(
            LivePath,
            live => live.Run(async context => await WriteAsync(context, await health.LiveAsync()))
        );
        application.Map(
            ReadyPath,
            ready => ready.Run(async context => await WriteAsync(context, await health.ReadyAsync()))
        );
        application.Use((context, next) => key.Admits(context.Request) ? next(context) : RefuseAsync(context));
        if (telemetry.Metrics is { } metrics)
        {
            application.UseOpenTelemetryPrometheusScrapingEndpoint(metrics, null, MetricsPath, null, null);
        }

        if (settings.Dashboard)
        {
            var dashboard = new DashboardRoutes(condition);
            application.UseWhen(
                static context => context.Request.Path.StartsWithSegments(DashboardRoutes.Path),
                pages => pages.Run(dashboard.AnswerAsync)
            );
        }

        application.Run(static context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return context.Response.WriteAsync(
                $"There are {LivePath}, {ReadyPath}, {MetricsPath} and, with Air:Dashboard, {DashboardRoutes.Path}.\n"
            );
        });
    }

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.StatusCode = report.Checks.All(static check => check.Ok)
            ? StatusCodes.Status200OK
            : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        return context
            .Response.Body.WriteAsync(
                JsonSerializer.SerializeToUtf8Bytes(report, JsonSerializerOptions.Web),
                context.RequestAborted
            )
            .AsTask();
    }

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"air-silo\", charset=\"UTF-8\"";
        return context.Response.WriteAsync(
            "This path wants the key that Air:AdminKey or Air:AdminKeyFile of the silo sets, as a bearer token or as the password of basic "
                + "authentication. Where neither is set nobody is let in; Air:AdminOpen opens it on loopback.\n"
        );
    }
}
