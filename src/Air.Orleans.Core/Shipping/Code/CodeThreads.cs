using System.Buffers;
using Air.Orleans.Core.Compute;

namespace Air.Orleans.Core.Shipping.Code;

/// <summary>
/// The two threads of a silo that take bundles in, look for their parts and delete them. Their own, so that a large bundle holds up neither
/// checkpoints nor the logs of jobs. Thread-safe.
/// </summary>
internal sealed class CodeThreads(TimeProvider time) : IDisposable
{
    private const int Parallelism = 2;

    private readonly BlockingThreads _threads = new(Parallelism, "air-code", CodeFile.PartBytes, time);

    /// <summary>Does blocking work on one of the threads.</summary>
    /// <exception cref="ObjectDisposedException">The silo is stopping.</exception>
    public Task<T> RunAsync<T>(string name, Func<ComputeContext, T> work, CancellationToken cancellationToken) =>
        _threads.RunAsync(name, work, cancellationToken);

    /// <summary>A buffer of a part's length, as soon as one is free; disposing it gives it back.</summary>
    public Task<IMemoryOwner<byte>> BufferAsync(CancellationToken cancellationToken) =>
        _threads.BufferAsync(cancellationToken);

    public void Dispose() => _threads.Dispose();
}
