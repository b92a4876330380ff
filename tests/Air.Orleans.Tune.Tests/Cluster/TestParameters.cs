using System.Text.Json.Serialization;

namespace Air.Orleans.Tune.Tests.Cluster;

/// <summary>What a <see cref="TestRunGrain"/> plays: it reports a loss of Rate + 1 / iteration.</summary>
public sealed record TestParameters
{
    public double Rate { get; init; } = 0.5;
    public int Iterations { get; init; } = 3;

    /// <summary>The iteration instead of which the run fails; 0 for none.</summary>
    public int FailAt { get; init; }

    /// <summary>How many attempts fail so.</summary>
    public int FailingAttempts { get; init; } = int.MaxValue;

    [JsonPropertyName("metric_name")]
    public string Metric { get; init; } = "loss";

    public double Unused { get; init; } = double.NaN;

    public double LossAt(int iteration) => Rate + (1.0 / iteration);
}
