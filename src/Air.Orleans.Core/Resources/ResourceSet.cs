using System.Globalization;

namespace Air.Orleans.Core;

/// <summary>
/// Amounts of CPU, memory, GPU and resources of one's own naming: what a silo has, or what a piece of work needs. Declared, not
/// measured: one CPU is one compute thread. Amounts are kept to 1/10000. Immutable.
/// </summary>
[GenerateSerializer, Immutable, Alias("air.core.ResourceSet")]
public sealed record ResourceSet
{
    /// <summary>CPUs.</summary>
    /// <value>0 by default.</value>
    [Id(0)]
    public double Cpu { get; init; }

    /// <summary>GPUs; half a GPU is 0.5, and above 1 there are whole GPUs only.</summary>
    /// <value>0 by default.</value>
    [Id(1)]
    public double Gpu { get; init; }

    /// <summary>Further resources by name, such as "licence" or "disk".</summary>
    /// <value>None by default.</value>
    [Id(2)]
    public IReadOnlyDictionary<string, double> Custom { get; init; } = new Dictionary<string, double>();

    /// <summary>Memory in bytes.</summary>
    /// <value>0 by default.</value>
    [Id(3)]
    public double MemoryBytes { get; init; }

    /// <summary>Reads amounts such as "GPU=2,CPU=4,memory=8GB,licence=1"; memory takes KB, MB, GB, TB (powers of 1024).</summary>
    /// <exception cref="FormatException">A part is not NAME=AMOUNT, or the amount is negative or no number.</exception>
    public static ResourceSet Parse(string text) => new ResourceSet().With(text);

    /// <summary>These amounts with those named in <paramref name="text"/> replaced; see <see cref="Parse"/>.</summary>
    /// <exception cref="FormatException">A part is not NAME=AMOUNT, or the amount is negative or no number.</exception>
    public ResourceSet With(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var result = this;
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var pair = part.Split('=', StringSplitOptions.TrimEntries);
            if (pair.Length != 2 || pair[0].Length == 0)
            {
                throw new FormatException($"Resource '{part}' must be NAME=AMOUNT, such as GPU=2 or memory=8GB.");
            }

            var name = pair[0];
            var isMemory = name.Equals("memory", StringComparison.OrdinalIgnoreCase);
            var (number, unit) = isMemory ? SplitUnit(pair[1]) : (pair[1], 1);
            if (
                !double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var amount)
                || !(amount >= 0 && double.IsFinite(amount))
            )
            {
                throw new FormatException($"Resource '{part}': '{pair[1]}' is not an amount of 0 or more.");
            }

            result =
                isMemory ? result with { MemoryBytes = amount * unit }
                : name.Equals("CPU", StringComparison.OrdinalIgnoreCase) ? result with { Cpu = amount }
                : name.Equals("GPU", StringComparison.OrdinalIgnoreCase) ? result with { Gpu = amount }
                : result with { Custom = new Dictionary<string, double>(result.Custom) { [name] = amount } };
        }

        return result;
    }

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

    /// <summary>Such as "2 CPU, 1 GPU, 8 GB memory"; "nothing" for the empty set.</summary>
    public override string ToString()
    {
        var parts = AllNames.Where(name => this[name] != 0).Select(name => Text(name, this[name])).ToList();
        return parts.Count == 0 ? "nothing" : string.Join(", ", parts);
    }

    internal const string MemoryName = "memory";

    /// <summary>The names of all amounts, "CPU", "GPU" and "memory" first.</summary>
    internal IEnumerable<string> AllNames => Names(this, this);

    internal double this[string name] =>
        name switch
        {
            "CPU" => Cpu,
            "GPU" => Gpu,
            MemoryName => MemoryBytes,
            _ => Custom.GetValueOrDefault(name),
        };

    /// <summary>One amount for people, such as "0.5 GPU" or "8 GB memory".</summary>
    internal static string Text(string name, double amount)
    {
        if (name != MemoryName)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{amount:0.####} {name}");
        }

        string[] units = ["B", "KB", "MB", "GB", "TB"];
        var unit = 0;
        while (Math.Abs(amount) >= 1024 && unit < units.Length - 1)
        {
            amount /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{amount:0.#} {units[unit]} memory");
    }

    private const double Rounding = 1e-9;

    private static IEnumerable<string> Names(ResourceSet left, ResourceSet right) =>
        new[] { "CPU", "GPU", MemoryName }.Concat(
            left.Custom.Keys.Union(right.Custom.Keys).Order(StringComparer.Ordinal)
        );

    private static (string Number, double Unit) SplitUnit(string text)
    {
        string[] units = ["KB", "MB", "GB", "TB"];
        var found = Array.FindIndex(units, unit => text.EndsWith(unit, StringComparison.OrdinalIgnoreCase));
        return found < 0 ? (text, 1) : (text[..^2], Math.Pow(1024, found + 1));
    }

    private static ResourceSet Combine(ResourceSet left, ResourceSet right, Func<double, double, double> combine)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new ResourceSet
        {
            Cpu = combine(left.Cpu, right.Cpu),
            Gpu = combine(left.Gpu, right.Gpu),
            MemoryBytes = combine(left.MemoryBytes, right.MemoryBytes),
            Custom = left
                .Custom.Keys.Union(right.Custom.Keys)
                .ToDictionary(name => name, name => combine(left[name], right[name])),
        };
    }
}
