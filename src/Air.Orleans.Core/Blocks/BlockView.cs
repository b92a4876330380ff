using System.Buffers;
using Air.Orleans.Core.Blocks.Arena;

namespace Air.Orleans.Core.Blocks;

/// <summary>
/// A block's bytes in shared memory as memory of .NET, for as long as a lease lasts. After that every new look at a column throws; a span that
/// was taken before must not be used any more.
/// </summary>
internal sealed unsafe class BlockView(SharedMapping mapping, long offset, int length, string name)
    : MemoryManager<byte>
{
    private volatile bool _isOver;

    public override Span<byte> GetSpan() => new(Address, length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(Address + elementIndex, pinnable: this);

    public override void Unpin()
    {
        // It never moves.
    }

    public void End() => _isOver = true;

    protected override void Dispose(bool disposing) => _isOver = true;

    private byte* Address =>
        _isOver
            ? throw new ObjectDisposedException(
                name,
                $"The lease of {name} has been disposed, and a column of its batch is read. Hold the lease as long as the batch, or copy the rows before."
            )
            : mapping.Start + offset;
}
