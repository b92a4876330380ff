using System.Runtime.InteropServices;
using System.Text;

namespace Air.Orleans.Core.Devices;

/// <summary>NVIDIA's management library, where its driver has installed it.</summary>
internal sealed unsafe class Nvml : INvml
{
    private const int NotFound = 6;
    private const int NameLength = 96;

    private readonly nint _library;

    private Nvml(nint library) => _library = library;

    /// <summary>The library; null where this machine has none.</summary>
    public static Nvml? Load() =>
        NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvml.dll" : "libnvidia-ml.so.1", out var library)
            ? new Nvml(library)
            : null;

    public int Initialise() => Find("nvmlInit_v2") is { } init ? ((delegate* unmanaged<int>)init)() : NotFound;

    public int Count(out uint count)
    {
        uint found = 0;
        var result = Find("nvmlDeviceGetCount_v2") is { } get
            ? ((delegate* unmanaged<uint*, int>)get)(&found)
            : NotFound;
        count = found;
        return result;
    }

    public int Name(uint index, out string name)
    {
        name = "";
        var result = Handle(index, out var device);
        if (result != 0 || Find("nvmlDeviceGetName") is not { } get)
        {
            return result != 0 ? result : NotFound;
        }

        var text = stackalloc byte[NameLength];
        result = ((delegate* unmanaged<nint, byte*, uint, int>)get)(device, text, NameLength);
        var bytes = new ReadOnlySpan<byte>(text, NameLength);
        var end = bytes.IndexOf((byte)0);
        name = Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
        return result;
    }

    public int Memory(uint index, out ulong bytes)
    {
        bytes = 0;
        var result = Handle(index, out var device);
        if (result != 0 || Find("nvmlDeviceGetMemoryInfo") is not { } get)
        {
            return result != 0 ? result : NotFound;
        }

        var memory = stackalloc ulong[3]; // total, free, used
        result = ((delegate* unmanaged<nint, ulong*, int>)get)(device, memory);
        bytes = memory[0];
        return result;
    }

    public int Shutdown() => Find("nvmlShutdown") is { } shutdown ? ((delegate* unmanaged<int>)shutdown)() : NotFound;

    private int Handle(uint index, out nint device)
    {
        nint found = 0;
        var result = Find("nvmlDeviceGetHandleByIndex_v2") is { } get
            ? ((delegate* unmanaged<uint, nint*, int>)get)(index, &found)
            : NotFound;
        device = found;
        return result;
    }

    private nint? Find(string name) => NativeLibrary.TryGetExport(_library, name, out var address) ? address : null;
}
