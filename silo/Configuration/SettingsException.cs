using Air.Orleans.Core;

namespace Air.Orleans.Silo.Configuration;

/// <summary>The configuration of a silo does not hold; the message has every fault.</summary>
internal sealed class SettingsException(IReadOnlyList<string> faults)
    : AirException(
        faults.Count == 1
            ? faults[0]
            : $"The configuration has {faults.Count} faults:{string.Concat(faults.Select(static it => "\n  " + it))}"
    )
{
    public IReadOnlyList<string> Faults => faults;
}
