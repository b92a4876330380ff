using System.Text.Json.Serialization;

namespace Air.Orleans.Tune;

/// <summary>What a searcher is told of a trial.</summary>
/// <param name="TrialIndex">The trial's number, 0-based.</param>
/// <param name="Configuration">What it tried.</param>
/// <param name="Iteration">How many iterations it has done; 0 when it ended before its first report.</param>
/// <param name="Value">The metric at that iteration; NaN when it ended before its first report.</param>
/// <param name="State">Where the trial stands; a final observation has one of the ended states.</param>
public sealed record Observation(
    int TrialIndex,
    Configuration Configuration,
    int Iteration,
    [property: JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)] double Value,
    TrialState State
);
