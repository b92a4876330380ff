using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Air.Orleans.WebApp.Web;

/// <summary>The health of the application as JSON, with the reason where the cluster is away.</summary>
internal static class HealthAnswer
{
    public static Task WriteAsync(HttpContext context, HealthReport report) =>
        context.Response.WriteAsJsonAsync(
            new
            {
                status = report.Status.ToString(),
                checks = report.Entries.ToDictionary(
                    static entry => entry.Key,
                    static entry => new { status = entry.Value.Status.ToString(), entry.Value.Description }
                ),
            }
        );
}
