namespace Air.Orleans.Torch.Native;

/// <summary>What was done to malloc, for diagnostics.</summary>
/// <param name="Applied">Whether at least one setting was changed.</param>
/// <param name="Reason">Why settings were left alone; empty when all were changed.</param>
/// <param name="Settings">The settings that glibc accepted, in bytes, by the name of the constant.</param>
internal sealed record MallocTuningResult(bool Applied, string Reason, IReadOnlyDictionary<string, int> Settings)
{
    /// <summary>Nothing was changed.</summary>
    /// <param name="reason">Why.</param>
    public static MallocTuningResult Skipped(string reason) => new(false, reason, new Dictionary<string, int>());
}
