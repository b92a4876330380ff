namespace Air.Orleans.Tune;

/// <summary>Turns all faults of a configuration into one exception.</summary>
internal static class FaultList
{
    public static void ThrowIfAny(string what, IEnumerable<string> faults)
    {
        var found = faults.ToList();
        if (found.Count > 0)
        {
            throw new ArgumentException(
                $"{what} has {found.Count} {(found.Count == 1 ? "fault" : "faults")}:"
                    + string.Concat(found.Select(fault => $"{Environment.NewLine}- {fault}"))
            );
        }
    }
}
