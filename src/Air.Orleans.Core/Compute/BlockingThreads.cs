using System.Buffers;

namespace Air.Orleans.Core.Compute;

/// <summary>
/// A few threads of one purpose that may block on a disk or the storage, and buffers for as many pieces as they move at the same time. Who waits
/// for one purpose waits for no other, and for no compute slot. Thread-safe.
/// </summary>
/// <param name="count">How many threads, and how many buffers.</param>
/// <param name="name">With what the threads' names begin.</param>
/// <param name="bufferBytes">How long a buffer is.</param>
/// <param name="time">The clock.</param>
internal sealed class BlockingThreads(int count, string name, int bufferBytes, TimeProvider time) : IDisposable
{
    private readonly Lazy<ComputeSlots> _threads = new(() => new ComputeSlots(count, time, name));
    private readonly Lazy<ArrayPool<byte>> _pool = new(() => ArrayPool<byte>.Create(bufferBytes, count));
    private readonly SemaphoreSlim _buffers = new(count);

    /// <summary>What is done now.</summary>
    public IReadOnlyList<ComputeProgress> Describe() => _threads.IsValueCreated ? _threads.Value.Describe() : [];

    /// <summary>Does blocking work on one of the threads.</summary>
    /// <exception cref="ObjectDisposedException">The silo is stopping.</exception>
    public Task<T> RunAsync<T>(string work, Func<ComputeContext, T> does, CancellationToken cancellationToken) =>
        _threads.Value.RunAsync(work, does, cancellationToken);

    /// <summary>A buffer, as soon as one is free; disposing it gives it back.</summary>
    public async Task<IMemoryOwner<byte>> BufferAsync(CancellationToken cancellationToken)
    {
        await _buffers.WaitAsync(cancellationToken);
        return new Buffer(this, _pool.Value.Rent(bufferBytes), bufferBytes);
    }

    public void Dispose()
    {
        if (_threads.IsValueCreated)
        {
            _threads.Value.Dispose();
        }
    }

    private sealed class Buffer(BlockingThreads owner, byte[] array, int length) : IMemoryOwner<byte>
    {
        private byte[]? _array = array;

        public Memory<byte> Memory => _array.AsMemory(0, length);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _array, null) is { } returned)
            {
                owner._pool.Value.Return(returned);
                owner._buffers.Release();
            }
        }
    }
}
