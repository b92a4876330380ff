namespace Air.Orleans.Train.Control;

/// <summary>What metrics may be reported.</summary>
internal static class MetricRules
{
    /// <exception cref="TrainingException">A metric is NaN or infinite, and that is not allowed.</exception>
    public static void Check(IReadOnlyDictionary<string, double> metrics, int report, bool allowNonFinite)
    {
        foreach (var (name, value) in metrics)
        {
            if (!allowNonFinite && !double.IsFinite(value))
            {
                throw new TrainingException(
                    $"metric '{name}' is {value} in report {report}; metrics must be finite. The training has likely diverged: try a lower "
                        + "learning rate, clip gradients, look for NaN in the data, or set RunConfig.AllowNonFiniteMetrics."
                );
            }
        }
    }
}
