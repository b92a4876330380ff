using System.Buffers;
using Air.Orleans.Core.Compute;

namespace Air.Orleans.Core.Checkpoints;

/// <summary>
/// The two threads of a process that hash, write and read shards, and the buffers that they share. Apart from the compute slots, since
/// work on a slot may wait for a checkpoint. Thread-safe.
/// </summary>
internal sealed class CheckpointThreads(TimeProvider time) : IDisposable
{
    /// <summary>How many shards are moved at the same time; with buffers of a shard's length, a bound on the memory used.</summary>
    public const int Parallelism = 2;

    private readonly Lazy<ComputeSlots> _threads = new(() => new ComputeSlots(Parallelism, time, "air-checkpoint"));
    private readonly ArrayPool<byte> _pool = ArrayPool<byte>.Create(ShardStorage.MostShardBytes, Parallelism);
    private readonly SemaphoreSlim _buffers = new(Parallelism);

    /// <summary>What is moved now.</summary>
    public IReadOnlyList<ComputeProgress> Describe() => _threads.IsValueCreated ? _threads.Value.Describe() : [];

    /// <summary>Does blocking work on one of the threads.</summary>
    /// <exception cref="ObjectDisposedException">The silo is stopping.</exception>
    public Task<T> RunAsync<T>(string name, Func<ComputeContext, T> work, CancellationToken cancellationToken) =>
        _threads.Value.RunAsync(name, work, cancellationToken);

    /// <summary>A buffer of the longest shard's length, as soon as one is free; disposing it gives it back.</summary>
    public async Task<IMemoryOwner<byte>> BufferAsync(CancellationToken cancellationToken)
    {
        await _buffers.WaitAsync(cancellationToken);
        return new Buffer(this, _pool.Rent(ShardStorage.MostShardBytes));
    }

    public void Dispose()
    {
        if (_threads.IsValueCreated)
        {
            _threads.Value.Dispose();
        }
    }

    private sealed class Buffer(CheckpointThreads owner, byte[] array) : IMemoryOwner<byte>
    {
        private byte[]? _array = array;

        public Memory<byte> Memory => _array.AsMemory(0, ShardStorage.MostShardBytes);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _array, null) is { } returned)
            {
                owner._pool.Return(returned);
                owner._buffers.Release();
            }
        }
    }
}
