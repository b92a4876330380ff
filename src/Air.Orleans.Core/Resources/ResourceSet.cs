namespace Air.Orleans.Core;

/// <summary>
/// Amounts of CPU, GPU and resources of one's own naming: what a silo has, or what a piece of work needs. Declared, not
/// measured: one CPU is one compute thread. GPUs may be given in fractions. Immutable.
/// </summary>
[GenerateSerializer, Immutable, Alias("air.core.ResourceSet")]
public sealed record ResourceSet
{
    /// <summary>CPUs.</summary>
    /// <value>0 by default.</value>
    [Id(0)]
    public double Cpu { get; init; }

    /// <summary>GPUs; half a GPU is 0.5.</summary>
    /// <value>0 by default.</value>
    [Id(1)]
    public double Gpu { get; init; }

    /// <summary>Further resources by name, such as "licence" or "disk".</summary>
    /// <value>None by default.</value>
    [Id(2)]
    public IReadOnlyDictionary<string, double> Custom { get; init; } = new Dictionary<string, double>();

    /// <summary>This many times these amounts.</summary>
    public ResourceSet Times(int count) => Combine(this, new ResourceSet(), (left, _) => left * count);

    /// <summary>Whether every amount of <paramref name="needed"/> is there.</summary>
    public bool Covers(ResourceSet needed)
    {
        ArgumentNullException.ThrowIfNull(needed);
        return Names(this, needed).All(name => this[name] >= needed[name] - Rounding);
    }

    /// <summary>The sum of two sets.</summary>
    public static ResourceSet operator +(ResourceSet left, ResourceSet right) =>
        Combine(left, right, static (a, b) => a + b);

    /// <summary>What is left of <paramref name="left"/> without <paramref name="right"/>.</summary>
    public static ResourceSet operator -(ResourceSet left, ResourceSet right) =>
        Combine(left, right, static (a, b) => a - b);

    /// <summary>The same as the operator +.</summary>
    public static ResourceSet Add(ResourceSet left, ResourceSet right) => left + right;

    /// <summary>The same as the operator -.</summary>
    public static ResourceSet Subtract(ResourceSet left, ResourceSet right) => left - right;

    /// <summary>Such as "2 CPU, 1 GPU"; "nothing" for the empty set.</summary>
    public override string ToString()
    {
        var parts = Names(this, this)
            .Where(name => this[name] != 0)
            .Select(name => $"{this[name]:0.###} {name}")
            .ToList();
        return parts.Count == 0 ? "nothing" : string.Join(", ", parts);
    }

    private const double Rounding = 1e-9;

    private double this[string name] =>
        name switch
        {
            "CPU" => Cpu,
            "GPU" => Gpu,
            _ => Custom.GetValueOrDefault(name),
        };

    private static IEnumerable<string> Names(ResourceSet left, ResourceSet right) =>
        new[] { "CPU", "GPU" }.Concat(left.Custom.Keys.Union(right.Custom.Keys).Order(StringComparer.Ordinal));

    private static ResourceSet Combine(ResourceSet left, ResourceSet right, Func<double, double, double> combine)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new ResourceSet
        {
            Cpu = combine(left.Cpu, right.Cpu),
            Gpu = combine(left.Gpu, right.Gpu),
            Custom = left
                .Custom.Keys.Union(right.Custom.Keys)
                .ToDictionary(name => name, name => combine(left[name], right[name])),
        };
    }
}
