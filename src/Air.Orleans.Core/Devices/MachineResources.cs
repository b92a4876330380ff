namespace Air.Orleans.Core.Devices;

/// <summary>What this machine has, found once.</summary>
internal static class MachineResources
{
    private static readonly Lazy<IReadOnlyList<GpuDevice>> Found = new(static () => FindGpus(Nvml.Load()));

    public static ResourceSet Resources { get; } =
        new()
        {
            Cpu = Environment.ProcessorCount,
            MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            Gpu = Found.Value.Count,
        };

    public static IReadOnlyList<string> Accelerators => [.. Found.Value.Select(static gpu => gpu.Type)];

    /// <summary>The GPUs that the library tells of, by device index; none where it is not there or does not work.</summary>
    public static IReadOnlyList<GpuDevice> FindGpus(INvml? nvml)
    {
        if (nvml is null || nvml.Initialise() != 0)
        {
            return [];
        }

        try
        {
            var gpus = new List<GpuDevice>();
            if (nvml.Count(out var count) == 0)
            {
                for (uint i = 0; i < count; i++)
                {
                    // One that cannot be asked keeps its index, so that those after it keep theirs.
                    var name = nvml.Name(i, out var found) == 0 ? found : "";
                    gpus.Add(new GpuDevice(name, nvml.Memory(i, out var bytes) == 0 ? (long)bytes : 0));
                }
            }

            return gpus;
        }
        finally
        {
            _ = nvml.Shutdown();
        }
    }
}
