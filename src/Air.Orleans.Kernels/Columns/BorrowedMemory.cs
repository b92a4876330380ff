using System.Buffers;
using System.Runtime.InteropServices;
using Apache.Arrow;

namespace Air.Orleans.Kernels.Columns;

/// <summary>
/// Memory of another column's buffer. Arrow frees native memory when the column that owns it is disposed or collected; this
/// keeps the owner from being collected, and frees nothing itself.
/// </summary>
internal sealed class BorrowedMemory : MemoryManager<byte>
{
    private readonly ArrayData owner;
    private readonly int index;

    private BorrowedMemory(ArrayData owner, int index)
    {
        this.owner = owner;
        this.index = index;
    }

    /// <summary>Gives a column's buffers, without owning them.</summary>
    public static ArrowBuffer[] Buffers(ArrayData data)
    {
        var buffers = new ArrowBuffer[data.Buffers.Length];
        for (var i = 0; i < buffers.Length; i++)
        {
            ReadOnlyMemory<byte> memory = data.Buffers[i].Memory;
            var isSafe =
                memory.IsEmpty
                || MemoryMarshal.TryGetArray(memory, out _)
                || MemoryMarshal.TryGetMemoryManager<byte, BorrowedMemory>(memory, out _);
            buffers[i] = new ArrowBuffer(isSafe ? memory : new BorrowedMemory(data, i).Memory);
        }

        return buffers;
    }

    public override Span<byte> GetSpan() => MemoryMarshal.AsMemory(owner.Buffers[index].Memory).Span;

    public override MemoryHandle Pin(int elementIndex = 0) => owner.Buffers[index].Memory[elementIndex..].Pin();

    public override void Unpin() { }

    protected override void Dispose(bool disposing) { }
}
