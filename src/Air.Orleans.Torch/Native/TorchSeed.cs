using Air.Orleans.Torch.Native;
using TorchSharp;

namespace Air.Orleans.Torch;

/// <summary>Makes modules whose initial weights depend on a seed alone.</summary>
public static class TorchSeed
{
    private static readonly Lock Gate = new();

    /// <summary>Seeds torch's generator and runs a function, one caller at a time in the process.</summary>
    /// <remarks>
    /// TorchSharp's modules draw their initial weights from torch's default generator, of which a process has one; two
    /// threads that make modules at once would share its numbers. Under this lock they take turns, and the same seed
    /// gives the same weights, bit for bit, on every worker of one build of libtorch. The generator is left where
    /// <paramref name="create"/> left it, as after <c>torch.manual_seed</c>. Threads that draw from it outside this
    /// method, as dropout does, are not held back: make modules before training starts.
    /// </remarks>
    /// <typeparam name="T">What is made, usually a module.</typeparam>
    /// <param name="seed">Any number.</param>
    /// <param name="create">Makes it; runs on the calling thread, and may itself call this method.</param>
    /// <returns>What <paramref name="create"/> returned.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="create"/> is null.</exception>
    /// <exception cref="TorchNativeException">libtorch cannot be loaded.</exception>
    public static T Create<T>(long seed, Func<T> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        TorchRuntime.EnsureLoaded();
        lock (Gate)
        {
            torch.manual_seed(seed);
            return create();
        }
    }
}
