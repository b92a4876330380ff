using Air.Orleans.Core.Compute;

namespace Air.Orleans.Core.Blocks;

/// <summary>
/// The threads of a process that write, hash, spill and restore blocks where no compute slot does. Apart from the slots, since work on a slot may wait
/// for a block. Thread-safe.
/// </summary>
internal sealed class BlockThreads(TimeProvider time) : IDisposable
{
    private const int Count = 4;

    private readonly Lazy<ComputeSlots> _threads = new(() => new ComputeSlots(Count, time, "air-blocks"));

    /// <summary>Does blocking work on one of the threads.</summary>
    /// <exception cref="ObjectDisposedException">The process is stopping.</exception>
    public Task<T> RunAsync<T>(string name, Func<T> work, CancellationToken cancellationToken = default) =>
        _threads.Value.RunAsync(name, _ => work(), cancellationToken);

    public void Dispose()
    {
        if (_threads.IsValueCreated)
        {
            _threads.Value.Dispose();
        }
    }
}
