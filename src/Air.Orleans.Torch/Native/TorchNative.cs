using Air.Orleans.Torch.Native;

namespace Air.Orleans.Torch;

/// <summary>Loads libtorch for code that makes tensors outside a trainer or a predictor.</summary>
/// <remarks>
/// Trainers and predictors call this themselves. A program that touches TorchSharp on its own, say to build a module
/// in <c>Main</c>, calls it first: on systems whose C++ runtime is older than the one that TorchSharp was built with
/// (Debian 12, Ubuntu 22.04), TorchSharp cannot load itself and would leave a 500 MB copy of libtorch behind.
/// </remarks>
public static class TorchNative
{
    /// <summary>
    /// Loads libtorch and TorchSharp's native library, and tells glibc's malloc to keep freed memory, which makes
    /// training on the CPU several times faster. The first call does the work, later calls return at once.
    /// </summary>
    /// <remarks>
    /// Safe from any thread. The environment variable <c>AIR_MALLOC_TUNING=0</c> leaves malloc as it is; so do glibc's
    /// own variables (<c>MALLOC_MMAP_THRESHOLD_</c> and its kin, <c>GLIBC_TUNABLES</c>) for the settings they name.
    /// The process then holds on to the memory of its largest step instead of returning it after each one.
    /// </remarks>
    /// <exception cref="TorchNativeException">
    /// A native library is missing or cannot be loaded. The message says which, where it was looked for, and what to
    /// do. Every later call throws the same.
    /// </exception>
    public static void EnsureLoaded() => TorchRuntime.EnsureLoaded();
}
