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

    private readonly BlockingThreads _threads = new(Parallelism, "air-checkpoint", ShardStorage.MostShardBytes, time);

    /// <summary>What is moved now.</summary>
    public IReadOnlyList<ComputeProgress> Describe() => _threads.Describe();

    /// <summary>Does blocking work on one of the threads.</summary>
    /// <exception cref="ObjectDisposedException">The silo is stopping.</exception>
    public Task<T> RunAsync<T>(string name, Func<ComputeContext, T> work, CancellationToken cancellationToken) =>
        _threads.RunAsync(name, work, cancellationToken);

    /// <summary>A buffer of the longest shard's length, as soon as one is free; disposing it gives it back.</summary>
    public Task<IMemoryOwner<byte>> BufferAsync(CancellationToken cancellationToken) =>
        _threads.BufferAsync(cancellationToken);

    public void Dispose() => _threads.Dispose();
}
