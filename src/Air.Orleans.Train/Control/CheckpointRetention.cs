namespace Air.Orleans.Train.Control;

/// <summary>Which checkpoints of a run are kept, and which is the best: pure decisions over manifests, oldest first.</summary>
internal static class CheckpointRetention
{
    /// <summary>The best: by the metric, the newer of equals; without a metric the latest. Null where there is none.</summary>
    public static CheckpointManifest? Best(CheckpointConfig config, IReadOnlyList<CheckpointManifest> checkpoints) =>
        checkpoints.Count == 0 ? null : Ranked(config, checkpoints)[0];

    /// <summary>Those to delete. The latest never is, as the run resumes from it.</summary>
    public static IReadOnlyList<CheckpointManifest> ToDelete(
        CheckpointConfig config,
        IReadOnlyList<CheckpointManifest> checkpoints
    ) =>
        config.Keep is { } keep
            ? [.. Ranked(config, checkpoints).Skip(keep).Where(other => other != checkpoints[^1])]
            : [];

    private static List<CheckpointManifest> Ranked(
        CheckpointConfig config,
        IReadOnlyList<CheckpointManifest> checkpoints
    )
    {
        var newestFirst = checkpoints.Reverse();
        if (config.Metric is not { } metric)
        {
            return [.. newestFirst];
        }

        return [.. newestFirst.OrderBy(checkpoint => Badness(config.Mode, checkpoint.Metrics, metric))];
    }

    /// <summary>Smaller is better; a checkpoint without the metric, or with NaN, is the worst.</summary>
    private static double Badness(Mode mode, IReadOnlyDictionary<string, double> metrics, string metric) =>
        metrics.TryGetValue(metric, out var value) && !double.IsNaN(value)
            ? (mode == Mode.Min ? value : -value)
            : double.PositiveInfinity;
}
