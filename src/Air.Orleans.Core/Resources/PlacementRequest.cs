namespace Air.Orleans.Core;

/// <summary>What is reserved together on one silo. Immutable.</summary>
[GenerateSerializer, Immutable, Alias("air.core.Bundle")]
public sealed record Bundle
{
    /// <summary>The amounts.</summary>
    [Id(0)]
    public required ResourceSet Resources { get; init; }

    /// <summary>The type that its GPUs must have, as the silo declares it, such as "NVIDIA A100-SXM4-40GB".</summary>
    /// <value>Null: any.</value>
    [Id(1)]
    public string? AcceleratorType { get; init; }

    /// <summary>Labels that the silo must have, such as zone = a.</summary>
    /// <value>None.</value>
    [Id(2)]
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The one silo on which it may stand; null for any.</summary>
    [Id(3)]
    internal string? Silo { get; init; }

    /// <summary>Such as "2 CPU, 1 GPU of type 'A100' where zone = a".</summary>
    public override string ToString() =>
        Resources
        + (AcceleratorType is null ? "" : $" of type '{AcceleratorType}'")
        + (Labels.Count == 0 ? "" : " where " + string.Join(", ", Labels.Select(static l => $"{l.Key} = {l.Value}")))
        + (Silo is null ? "" : $" on silo {Silo}");
}

/// <summary>How the bundles of a group lie to each other.</summary>
[GenerateSerializer, Alias("air.core.PlacementGroupStrategy")]
public enum PlacementGroupStrategy
{
    /// <summary>On one silo where that can be, else on few.</summary>
    Pack,

    /// <summary>On different silos where that can be, else on many.</summary>
    Spread,

    /// <summary>All on one silo, or not at all.</summary>
    StrictPack,

    /// <summary>Each on a silo of its own, or not at all.</summary>
    StrictSpread,
}

/// <summary>What becomes of a group when a silo is lost on which one of its bundles stands.</summary>
[GenerateSerializer, Alias("air.core.PlacementLoss")]
public enum PlacementLoss
{
    /// <summary>The holder is told (<see cref="PlacementGroup.Lost"/>); the other bundles stay his until he releases the group.</summary>
    Report,

    /// <summary>The lost bundles are reserved again, before all new requests, and by the same strategy.</summary>
    Replace,
}

/// <summary>A set of bundles that is reserved as a whole or not at all. Immutable.</summary>
[GenerateSerializer, Immutable, Alias("air.core.PlacementRequest")]
public sealed record PlacementRequest
{
    /// <summary>The group's name; asking again under it is the same request.</summary>
    /// <value>A name that no other group has.</value>
    [Id(0)]
    public string Id { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>The bundles, at least one.</summary>
    [Id(1)]
    public required IReadOnlyList<Bundle> Bundles { get; init; }

    /// <summary>How the bundles lie to each other.</summary>
    /// <value><see cref="PlacementGroupStrategy.Pack"/>.</value>
    [Id(2)]
    public PlacementGroupStrategy Strategy { get; init; }

    /// <summary>Higher ones are served first. For each 30 seconds of waiting a request counts one higher, so that none is starved.</summary>
    /// <value>0.</value>
    [Id(3)]
    public int Priority { get; init; }

    /// <summary>What it is for, shown to people.</summary>
    /// <value>Empty.</value>
    [Id(4)]
    public string Purpose { get; init; } = "";

    /// <summary>Whether to wait even where no present silo could ever serve it, as one may be added.</summary>
    /// <value>false: that is an error at once.</value>
    [Id(5)]
    public bool WaitForCapacity { get; init; }

    /// <summary>What becomes of the group when a silo is lost.</summary>
    /// <value><see cref="PlacementLoss.Report"/>.</value>
    [Id(6)]
    public PlacementLoss OnLoss { get; init; }

    /// <summary>How long to wait for it.</summary>
    /// <value>Null: without end.</value>
    [Id(7)]
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether it must be granted at once or is refused.</summary>
    [Id(8)]
    internal bool NoWait { get; init; }

    /// <summary>Whether the silo of its bundle holds it, for a grain there.</summary>
    [Id(9)]
    internal bool HeldBySilo { get; init; }

    /// <summary>What is wrong with the request itself; null where nothing is.</summary>
    internal string? Fault()
    {
        if (Bundles.Count == 0)
        {
            return $"Group '{Id}' has no bundle. Give it at least one.";
        }

        foreach (var bundle in Bundles)
        {
            var needs = bundle.Resources;
            if (needs.AllNames.FirstOrDefault(name => !(needs[name] >= 0 && double.IsFinite(needs[name]))) is { } bad)
            {
                return $"Group '{Id}' asks for {needs[bad]} {bad}; an amount must be 0 or more.";
            }

            if (needs.Gpu > 1 && needs.Gpu != Math.Floor(needs.Gpu))
            {
                return $"Group '{Id}' asks for {needs.Gpu} GPU in one bundle; above 1 there are whole GPUs only. "
                    + "Ask for a whole number, or for a fraction in a bundle of its own.";
            }

            if (bundle.AcceleratorType is not null && needs.Gpu == 0)
            {
                return $"Group '{Id}' names the accelerator type '{bundle.AcceleratorType}' in a bundle without GPU. Set Resources.Gpu.";
            }
        }

        return null;
    }
}
