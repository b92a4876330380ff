using System.Collections.Concurrent;

namespace Air.Orleans.Core.Silos;

/// <summary>The silos of which this one has heard that they drain. Thread-safe.</summary>
internal sealed class DrainingSilos
{
    private readonly ConcurrentDictionary<SiloAddress, byte> _silos = new();

    public void Add(SiloAddress silo) => _silos.TryAdd(silo, 0);

    /// <summary>Those of the silos that do not drain; all of them where all do.</summary>
    public SiloAddress[] Without(SiloAddress[] silos)
    {
        if (_silos.IsEmpty)
        {
            return silos;
        }

        var open = silos.Where(silo => !_silos.ContainsKey(silo)).ToArray();
        return open.Length > 0 ? open : silos;
    }
}
