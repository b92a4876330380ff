namespace Air.Orleans.Tune;

/// <summary>How many trials can run side by side.</summary>
internal static class TrialSlots
{
    /// <summary>
    /// Gives how many times <paramref name="needed"/> fits the silos' declared resources, each time on one silo. At least
    /// 1, so that a trial that can never run says so; a trial that needs nothing counts as needing one CPU.
    /// </summary>
    public static int Count(IEnumerable<ResourceSet> silos, ResourceSet needed)
    {
        var cost = new ResourceSet().Covers(needed) ? new ResourceSet { Cpu = 1 } : needed;
        var fitting = silos.Sum(silo => Math.Floor(TimesOn(silo, cost)));
        return (int)Math.Clamp(fitting, 1, int.MaxValue);
    }

    private static double TimesOn(ResourceSet silo, ResourceSet needed) =>
        needed
            .Custom.Select(amount => (Has: silo.Custom.GetValueOrDefault(amount.Key), Needs: amount.Value))
            .Append((Has: silo.Cpu, Needs: needed.Cpu))
            .Append((Has: silo.Gpu, Needs: needed.Gpu))
            .Append((Has: silo.MemoryBytes, Needs: needed.MemoryBytes))
            .Where(static pair => pair.Needs > 0)
            .Min(static pair => (pair.Has / pair.Needs) + Rounding);

    private const double Rounding = 1e-9;
}
