namespace Air.Orleans.Core.Resources.Control;

/// <summary>A bundle in whole units: 1/10000 of everything but memory, which is in bytes. Sums of whole numbers never drift.</summary>
internal sealed class BundleNeed(Bundle bundle)
{
    /// <summary>A whole CPU, a whole GPU.</summary>
    public const long One = 10_000;

    public Bundle Bundle { get; } = bundle;

    public long Cpu { get; } = Units(bundle.Resources.Cpu);

    public long Gpu { get; } = Units(bundle.Resources.Gpu);

    public long Memory { get; } = (long)bundle.Resources.MemoryBytes;

    public KeyValuePair<string, long>[] Custom { get; } =
    [
        .. bundle
            .Resources.Custom.Where(static amount => amount.Value > 0)
            .OrderBy(static amount => amount.Key, StringComparer.Ordinal)
            .Select(static amount => KeyValuePair.Create(amount.Key, Units(amount.Value))),
    ];

    /// <summary>By which large bundles are placed before small ones.</summary>
    public (long Gpu, long Custom, long Cpu, long Memory) Size =>
        (Gpu, Custom.Sum(static amount => amount.Value), Cpu, Memory);

    public static long Units(double amount) => (long)Math.Round(Math.Min(amount, 1e12) * One);
}
