using System.Text.Json;
using Air.Orleans.Quickstart;

namespace Air.Orleans.Cluster.Tests;

/// <summary>What two runs of the quick start must have in common: all but the seconds and the silo that answered over HTTP.</summary>
internal static class QuickstartNumbers
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string Of(QuickstartReport report) =>
        JsonSerializer.Serialize(
            report with
            {
                Seconds = new Dictionary<string, double>(),
                Serve = report.Serve with { Url = "" },
            },
            Indented
        );
}
