using System.Diagnostics;
using Air.Orleans.Silo.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Dashboard;

namespace Air.Orleans.Silo.Admin;

/// <summary>
/// Orleans' dashboard on the admin port. Its pages want the services of the silo, which is built after the port listens and anew where its
/// ports were taken: so they are mapped when the first request finds a silo.
/// </summary>
internal sealed class DashboardRoutes(SiloCondition condition)
{
    public const string Path = "/dashboard";

    private readonly Lock _lock = new();
    private (IServiceProvider Services, RequestDelegate Pages)? _mapped;

    public async Task AnswerAsync(HttpContext context)
    {
        if (condition.Services is not { } services)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsync("The silo is not up.\n");
            return;
        }

        await using var scope = services.CreateAsyncScope();
        context.RequestServices = scope.ServiceProvider;
        await PagesOf(services)(context);
    }

    private RequestDelegate PagesOf(IServiceProvider services)
    {
        lock (_lock)
        {
            if (_mapped is not { } mapped || mapped.Services != services)
            {
                var builder = new ApplicationBuilder(services);
                builder.UseRouting();
                builder.UseEndpoints(static pages => pages.MapOrleansDashboard(Path));
                _mapped = mapped = (services, builder.Build());
            }

            return mapped.Pages;
        }
    }
}

/// <summary>Registers what the dashboard's pages want of a web application.</summary>
internal static class DashboardServices
{
    public static void AddDashboardRouting(this IServiceCollection services)
    {
        services.AddRouting();
        services.AddSingleton(static _ => new DiagnosticListener("Microsoft.AspNetCore"));
    }
}
