using System.Text.Json.Serialization;

namespace Air.Orleans.Tune;

/// <summary>What a trial reported after one iteration.</summary>
/// <param name="Iteration">How many iterations the trial has done, 1-based.</param>
/// <param name="Metrics">Metric name to value, NaN and infinities included.</param>
public sealed record TrialReport(
    int Iteration,
    [property: JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
        IReadOnlyDictionary<string, double> Metrics
);
