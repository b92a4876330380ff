using System.Globalization;
using Air.Orleans.Core;

namespace Air.Orleans.Cluster.Tests.Leases;

/// <summary>What the holders believe that they hold, added up over all of them. Thread-safe.</summary>
internal sealed class HeldLeases(ResourceSet offer)
{
    private const double Rounding = 1e-6;

    private readonly Lock _lock = new();
    private readonly Dictionary<(SiloAddress Silo, string What), double> _held = [];
    private readonly List<string> _excesses = [];

    /// <summary>What was held by several at once beyond what there is.</summary>
    public IReadOnlyList<string> Excesses
    {
        get
        {
            lock (_lock)
            {
                return [.. _excesses];
            }
        }
    }

    /// <summary>Notes that a group was granted; disposing what this gives notes that its holder gives it back.</summary>
    public IDisposable Note(PlacementGroup group)
    {
        (SiloAddress, string, double, double)[] amounts = [.. Amounts(group.Bundles)];
        Add(amounts, 1);
        return new Holding(() => Add(amounts, -1));
    }

    private IEnumerable<(SiloAddress Silo, string What, double Amount, double There)> Amounts(
        IEnumerable<ReservedBundle> bundles
    )
    {
        foreach (var bundle in bundles)
        {
            // One that was lost at once has no silo.
            if (bundle.Silo is not { } silo)
            {
                continue;
            }

            foreach (var device in bundle.Devices)
            {
                var what = string.Create(CultureInfo.InvariantCulture, $"GPU {device}");
                yield return (silo, what, Math.Min(1, bundle.Resources.Gpu), 1);
            }

            foreach (var (name, amount) in bundle.Resources.Custom)
            {
                yield return (silo, name, amount, offer.Custom[name]);
            }
        }
    }

    private void Add((SiloAddress Silo, string What, double Amount, double There)[] amounts, int sign)
    {
        lock (_lock)
        {
            foreach (var (silo, what, amount, there) in amounts)
            {
                var held = _held.GetValueOrDefault((silo, what)) + (sign * amount);
                _held[(silo, what)] = held;
                if (held > there + Rounding)
                {
                    _excesses.Add(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{held} of {what} on {silo} are held; {there} are there."
                        )
                    );
                }
            }
        }
    }

    private sealed class Holding(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
