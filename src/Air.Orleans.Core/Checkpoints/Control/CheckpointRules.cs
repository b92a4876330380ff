namespace Air.Orleans.Core.Checkpoints.Control;

/// <summary>Which checkpoints of a run are kept: the newest, the best, and the latest in any case. Without numbers, all.</summary>
/// <param name="KeepLast">How many of the newest.</param>
/// <param name="KeepBest">How many of the best by the metric.</param>
/// <param name="Metric">The metric; null takes the newest for the best.</param>
/// <param name="Mode">Which values of it are better.</param>
[GenerateSerializer, Immutable, Alias("air.core.CheckpointRules")]
internal sealed record CheckpointRules(
    [property: Id(0)] int? KeepLast = null,
    [property: Id(1)] int? KeepBest = null,
    [property: Id(2)] string? Metric = null,
    [property: Id(3)] Mode Mode = Mode.Min
)
{
    /// <summary>The best: by the metric, the newer of equals; without a metric the latest. Null where there is none.</summary>
    /// <param name="checkpoints">Oldest first.</param>
    public CheckpointManifest? Best(IReadOnlyList<CheckpointManifest> checkpoints) =>
        checkpoints.Count == 0 ? null : Ranked(checkpoints).First();

    /// <summary>Those that are not kept, of checkpoints oldest first. The latest never is among them, as the run resumes from it.</summary>
    public IReadOnlyList<CheckpointManifest> Outdated(IReadOnlyList<CheckpointManifest> checkpoints)
    {
        if (checkpoints.Count == 0 || (KeepLast is null && KeepBest is null))
        {
            return [];
        }

        var kept = checkpoints
            .TakeLast(Math.Max(1, KeepLast ?? 1))
            .Concat(Ranked(checkpoints).Take(KeepBest ?? 0))
            .Select(static manifest => manifest.Id)
            .ToHashSet();
        return [.. checkpoints.Where(manifest => !kept.Contains(manifest.Id))];
    }

    private IEnumerable<CheckpointManifest> Ranked(IReadOnlyList<CheckpointManifest> checkpoints)
    {
        var newestFirst = checkpoints.Reverse();
        return Metric is null ? newestFirst : newestFirst.OrderBy(checkpoint => Badness(checkpoint.Metrics));
    }

    /// <summary>Smaller is better; a checkpoint without the metric, or with NaN, is the worst.</summary>
    private double Badness(IReadOnlyDictionary<string, double> metrics) =>
        metrics.TryGetValue(Metric!, out var value) && !double.IsNaN(value)
            ? (Mode == Mode.Min ? value : -value)
            : double.PositiveInfinity;
}
