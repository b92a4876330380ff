namespace Air.Orleans.Tune;

/// <summary>Where a trial stands at a moment of the search. Immutable and thread-safe.</summary>
/// <param name="Index">The trial's number in the search, 0-based.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Iteration">The iteration of its last report, 1-based; 0 before the first.</param>
/// <param name="Metrics">The metrics of its last report by name; empty before the first.</param>
/// <param name="Configuration">What it tries, as one line of JSON.</param>
[GenerateSerializer, Immutable, Alias("air.tune.TrialSnapshot")]
public sealed record TrialSnapshot(
    [property: Id(0)] int Index,
    [property: Id(1)] TrialState State,
    [property: Id(2)] int Iteration,
    [property: Id(3)] IReadOnlyDictionary<string, double> Metrics,
    [property: Id(4)] string Configuration
)
{
    internal static TrialSnapshot Of(TrialRecord trial)
    {
        var last = trial.Reports.IsEmpty ? null : trial.Reports[^1];
        return new TrialSnapshot(
            trial.Index,
            trial.State,
            last?.Iteration ?? 0,
            last?.Metrics ?? new Dictionary<string, double>(),
            trial.Configuration.ToString()
        );
    }
}
