namespace Air.Orleans.Core.Devices;

/// <summary>A GPU of this machine: its type as its driver names it, and its memory.</summary>
internal sealed record GpuDevice(string Type, long MemoryBytes);
