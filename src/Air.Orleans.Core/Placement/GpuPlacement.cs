using System.Globalization;
using Orleans.Metadata;

namespace Air.Orleans.Core.Placement;

/// <summary>The strategy of <see cref="GpuPlacementAttribute"/>; its amounts travel as properties of the grain's type.</summary>
[GenerateSerializer, Immutable, SuppressReferenceTracking, Alias("air.core.GpuPlacement")]
public sealed class GpuPlacement : PlacementStrategy
{
    private const string Prefix = "air.placement.";

    [Id(0)]
    internal double Gpu { get; set; }

    [Id(1)]
    internal double Cpu { get; set; }

    [Id(2)]
    internal double MemoryBytes { get; set; }

    [Id(3)]
    internal string? AcceleratorType { get; set; }

    /// <inheritdoc/>
    public override void Initialize(GrainProperties properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        base.Initialize(properties);
        Gpu = Read("gpu");
        Cpu = Read("cpu");
        MemoryBytes = Read("memory");
        AcceleratorType = properties.Properties.GetValueOrDefault(Prefix + "accelerator");

        double Read(string name) =>
            properties.Properties.TryGetValue(Prefix + name, out var text)
                ? double.Parse(text, CultureInfo.InvariantCulture)
                : 0;
    }

    /// <inheritdoc/>
    public override void PopulateGrainProperties(
        IServiceProvider services,
        Type grainClass,
        GrainType grainType,
        Dictionary<string, string> properties
    )
    {
        ArgumentNullException.ThrowIfNull(properties);
        base.PopulateGrainProperties(services, grainClass, grainType, properties);
        properties[Prefix + "gpu"] = Gpu.ToString("R", CultureInfo.InvariantCulture);
        properties[Prefix + "cpu"] = Cpu.ToString("R", CultureInfo.InvariantCulture);
        properties[Prefix + "memory"] = MemoryBytes.ToString("R", CultureInfo.InvariantCulture);
        if (AcceleratorType is { } type)
        {
            properties[Prefix + "accelerator"] = type;
        }
    }

    /// <summary>The request of one activation on this silo, or on any; null where it needs nothing of its own.</summary>
    internal PlacementRequest? RequestOf(GrainId grain, SiloAddress? silo)
    {
        var needs = new ResourceSet
        {
            Cpu = Cpu,
            Gpu = Gpu,
            MemoryBytes = MemoryBytes,
        };
        return new ResourceSet().Covers(needs)
            ? null
            : new PlacementRequest
            {
                Id = LeaseId(grain, silo),
                Bundles =
                [
                    new Bundle
                    {
                        Resources = needs,
                        AcceleratorType = AcceleratorType,
                        Silo = silo?.ToString(),
                    },
                ],
                Purpose = $"grain {grain}",
                NoWait = true,
                HeldBySilo = true,
            };
    }

    /// <summary>The name of a grain's lease; a lease of its own on a certain silo is for a grain that moves there.</summary>
    internal static string LeaseId(GrainId grain, SiloAddress? silo) =>
        silo is null ? $"grain {grain}" : $"grain {grain} on {silo}";
}
