namespace Air.Orleans.Silo.Admin;

/// <summary>What one look at the silo's health found.</summary>
internal sealed record HealthCheck(string Name, bool Ok, string Detail);

/// <summary>All of them.</summary>
internal sealed record HealthReport(string Status, IReadOnlyList<HealthCheck> Checks)
{
    public static HealthReport Of(string good, string bad, params HealthCheck[] checks) =>
        new(checks.All(static check => check.Ok) ? good : bad, checks);
}
