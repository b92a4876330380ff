using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Blocks.Arena;
using Air.Orleans.Core.DataPlane;

namespace Air.Orleans.Core;

/// <summary>
/// Rows of a block, read where they lie, until this is disposed: the memory of <see cref="Batch"/> is shared with other processes and is used for
/// other blocks afterwards. Columns that are read later throw; spans and pointers taken before must not be used later at all.
/// </summary>
public sealed class BlockLease : IDisposable, IAsyncDisposable, IMemoryLease
{
    private readonly BlockView? _view;
    private readonly Lazy<RecordBatch> _batch;
    private Action? _end;
    private bool _isOver;

    private BlockLease(BlockView? view, ReadOnlyMemory<byte> content, UInt128 hash, Action? end)
    {
        _view = view;
        Content = content;
        Hash = hash;
        _end = end;
        _batch = new Lazy<RecordBatch>(() => BlockStream.Read(Content));
    }

    /// <summary>The rows. Its columns are views; what you want to keep beyond the lease must be copied.</summary>
    /// <exception cref="ObjectDisposedException">The lease has been disposed.</exception>
    public RecordBatch Batch
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isOver), this);
            return _batch.Value;
        }
    }

    ReadOnlyMemory<byte> IMemoryLease.Bytes => Content;

    UInt128 IMemoryLease.Stamp => Hash;

    internal ReadOnlyMemory<byte> Content { get; }

    internal UInt128 Hash { get; }

    /// <summary>A lease of a block in shared memory; <paramref name="end"/> runs once, when it is disposed.</summary>
    internal static BlockLease Of(SharedMapping mapping, BlockPlace place, UInt128 hash, string name, Action end)
    {
        if (!mapping.TryUse())
        {
            throw new ObjectDisposedException(name, "The silo's memory for blocks is closed: the silo has stopped.");
        }

        var view = new BlockView(mapping, place.Content, place.Length, name);
        return new BlockLease(
            view,
            view.Memory,
            hash,
            () =>
            {
                try
                {
                    end();
                }
                finally
                {
                    mapping.Release();
                }
            }
        );
    }

    /// <summary>A lease of content that the garbage collector keeps.</summary>
    internal static BlockLease Of(ReadOnlyMemory<byte> content, UInt128 hash) => new(null, content, hash, null);

    /// <summary>The rows in memory of the garbage collector, to be kept as long as one likes.</summary>
    internal RecordBatch Copy() => _view is null ? Batch : BlockStream.Read(CopyBytes());

    /// <summary>Ends the lease.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _isOver, true);
        if (Interlocked.Exchange(ref _end, null) is { } end)
        {
            _view?.End();
            end();
        }
    }

    /// <summary>Ends the lease.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private byte[] CopyBytes()
    {
        var copy = GC.AllocateUninitializedArray<byte>(Content.Length);
        Content.CopyTo(copy);
        return copy;
    }
}
