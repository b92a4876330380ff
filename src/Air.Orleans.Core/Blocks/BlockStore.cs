using System.Collections.Concurrent;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Kernels.Columns;
using Apache.Arrow.Ipc;

namespace Air.Orleans.Core.Blocks;

/// <summary>
/// The blocks that a silo holds in memory. Every block can be computed again from its recipe, so the store is a cache: past its
/// budget it lets go of the blocks that were used longest ago. Batches are garbage-collected, so one that is let go
/// while someone reads it stays whole for that reader. Thread-safe.
/// </summary>
internal sealed class BlockStore(long budgetBytes) : IDataSource
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new();
    private long _usedBytes;
    private long _clock;

    public string Scheme => "block";

    /// <summary>The bytes of all blocks held.</summary>
    public long UsedBytes => Interlocked.Read(ref _usedBytes);

    /// <summary>How many blocks are held.</summary>
    public int Count => _entries.Count;

    /// <summary>The block, if it is held.</summary>
    public RecordBatch? Find(string key)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            return null;
        }

        entry.LastUse = Interlocked.Increment(ref _clock);
        return entry.Batch;
    }

    /// <summary>Holds the block, in place of an earlier one of that key, and lets go of others past the budget.</summary>
    public void Put(string key, RecordBatch batch)
    {
        var entry = new Entry(batch, BatchKernels.SizeBytes(batch)) { LastUse = Interlocked.Increment(ref _clock) };
        Remove(key);
        if (_entries.TryAdd(key, entry))
        {
            Interlocked.Add(ref _usedBytes, entry.Bytes);
        }

        while (UsedBytes > budgetBytes && _entries.Count > 1)
        {
            var oldest = _entries.Where(pair => pair.Key != key).MinBy(static pair => pair.Value.LastUse);
            if (oldest.Key is null)
            {
                return;
            }

            Remove(oldest.Key);
        }
    }

    /// <summary>Lets go of the block.</summary>
    public void Remove(string key)
    {
        if (_entries.TryRemove(key, out var entry))
        {
            Interlocked.Add(ref _usedBytes, -entry.Bytes);
        }
    }

    public async Task SendAsync(string key, Stream destination, CancellationToken cancellationToken)
    {
        var batch = Find(key) ?? throw new KeyNotFoundException($"block '{key}' is not held here any more");
        using var writer = new ArrowStreamWriter(destination, batch.Schema, leaveOpen: true);
        await writer.WriteRecordBatchAsync(batch, cancellationToken);
        await writer.WriteEndAsync(cancellationToken);
    }

    public Task ReceiveAsync(string key, Stream source, long length, CancellationToken cancellationToken) =>
        throw new AirException($"block '{key}' cannot be sent to a silo: blocks are computed where they are held");

    private sealed class Entry(RecordBatch batch, long bytes)
    {
        public RecordBatch Batch { get; } = batch;
        public long Bytes { get; } = bytes;
        public long LastUse { get; set; }
    }
}
