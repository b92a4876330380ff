using Air.Orleans.Core.Placement;
using Orleans.Placement;

namespace Air.Orleans.Core;

/// <summary>
/// Places a grain by lease. Called within <see cref="ReservedBundle.Place"/> it is activated on the bundle's silo. Otherwise, where
/// amounts are given here, they are leased for it, for as long as it is active, and the caller gets a <see cref="ResourceException"/> where
/// they are not free; without amounts it is placed on any silo. The grain learns of its lease by <see cref="IGrainLease"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class GpuPlacementAttribute : PlacementAttribute
{
    /// <summary>Places by lease.</summary>
    public GpuPlacementAttribute()
        : base(new GpuPlacement()) { }

    private GpuPlacement Strategy => (GpuPlacement)PlacementStrategy;

    /// <summary>The GPUs that one activation needs; half a GPU is 0.5.</summary>
    /// <value>0.</value>
    public double Gpu
    {
        get => Strategy.Gpu;
        set => Strategy.Gpu = value;
    }

    /// <summary>The CPUs that one activation needs.</summary>
    /// <value>0.</value>
    public double Cpu
    {
        get => Strategy.Cpu;
        set => Strategy.Cpu = value;
    }

    /// <summary>The memory in bytes that one activation needs.</summary>
    /// <value>0.</value>
    public double MemoryBytes
    {
        get => Strategy.MemoryBytes;
        set => Strategy.MemoryBytes = value;
    }

    /// <summary>The type that its GPUs must have.</summary>
    /// <value>Null: any.</value>
    public string? AcceleratorType
    {
        get => Strategy.AcceleratorType;
        set => Strategy.AcceleratorType = value;
    }
}
