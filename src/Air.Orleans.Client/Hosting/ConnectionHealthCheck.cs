using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Air.Orleans.Hosting;

/// <summary>Says whether the application's cluster answers, from what is known already: it waits for nothing.</summary>
internal sealed class ConnectionHealthCheck(AirConnection connection) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        var status = connection.Status;
        var since = new Dictionary<string, object> { ["since"] = status.Since };
        return Task.FromResult(
            status.IsUp
                ? HealthCheckResult.Healthy("The cluster answers.", since)
                : new HealthCheckResult(context.Registration.FailureStatus, status.Detail, data: since)
        );
    }
}
