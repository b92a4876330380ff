using System.Runtime.ExceptionServices;
using TorchSharp;

namespace Air.Orleans.Torch.Native;

/// <summary>What has to happen once in a process, or once on a thread, before the first tensor.</summary>
internal static class TorchRuntime
{
    private static readonly Lock Gate = new();
    private static volatile bool loaded;
    private static ExceptionDispatchInfo? failure;

    /// <summary>What was done to malloc; null until <see cref="EnsureLoaded"/> has run.</summary>
    public static MallocTuningResult? Malloc { get; private set; }

    /// <summary>How the binding library was loaded; null until <see cref="EnsureLoaded"/> has succeeded.</summary>
    public static NativeTorchResult? Libraries { get; private set; }

    /// <summary>Tunes malloc and loads the native libraries. Idempotent, safe from any thread.</summary>
    /// <exception cref="TorchNativeException">The libraries cannot be loaded; the same on every call.</exception>
    public static void EnsureLoaded()
    {
        if (loaded)
            return;
        lock (Gate)
        {
            failure?.Throw();
            if (loaded)
                return;
            try
            {
                // Before libtorch: its first allocations should already follow the new thresholds.
                Malloc ??= MallocTuning.Apply(Environment.GetEnvironmentVariable);
                Libraries = NativeTorch.Load(NativeFolders.OfThisProcess());
                loaded = true;
            }
            catch (TorchNativeException exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
                throw;
            }
        }
    }

    /// <summary>Sets how many threads torch's operators use when called from the calling thread.</summary>
    /// <remarks>
    /// libtorch keeps this number per calling thread, so every worker thread sets it for itself: cores divided by
    /// workers. It also becomes the default of threads that have not used torch yet.
    /// </remarks>
    /// <param name="threadCount">Threads inside one operator, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threadCount"/> is less than 1.</exception>
    /// <exception cref="TorchNativeException">The native libraries cannot be loaded.</exception>
    public static void UseThreads(int threadCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threadCount, 1);
        EnsureLoaded();
        torch.set_num_threads(threadCount);
    }
}
