using System.Runtime.InteropServices;
using System.Text.Unicode;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Air.Orleans.Kernels.Csv;

/// <summary>Writes a column of texts: offsets, and the UTF-8 bytes one after the other.</summary>
internal sealed class StringColumnBuilder(CsvColumn column, int capacity, CellReader reader)
    : ColumnBuilder(column, capacity, reader)
{
    private readonly byte[] offsets = GC.AllocateUninitializedArray<byte>(checked((capacity + 1) * sizeof(int)));
    private byte[] data = [];
    private int length;

    protected override IArrowType Type => StringType.Default;

    protected override IEnumerable<ArrowBuffer> Buffers()
    {
        // Growing doubles: do not keep much more than the texts need for as long as the block lives.
        if (data.Length - length > data.Length / 8)
        {
            System.Array.Resize(ref data, length);
        }

        MemoryMarshal.Cast<byte, int>(offsets.AsSpan())[Count] = length;
        return
        [
            new ArrowBuffer(offsets.AsMemory(0, (Count + 1) * sizeof(int))),
            new ArrowBuffer(data.AsMemory(0, length)),
        ];
    }

    protected override int Write(in CellBlock block)
    {
        var target = MemoryMarshal.Cast<byte, int>(offsets.AsSpan()).Slice(Count, block.Rows);
        for (var row = 0; row < target.Length; row++)
        {
            target[row] = length;
            var kind = Reader.Read(block.Cell(row), emptyIsText: true, out var cell);
            if (kind is CellKind.Null)
            {
                SetNull(Count + row);
                continue;
            }

            if (kind is CellKind.BadQuote || !(block.IsUtf8 || Utf8.IsValid(cell)))
            {
                return row;
            }

            var free = Reserve(cell.Length, row, target.Length);
            if (kind is CellKind.Escaped)
            {
                length += Reader.Unescape(cell, free);
            }
            else
            {
                cell.CopyTo(free);
                length += cell.Length;
            }
        }

        return target.Length;
    }

    private Span<byte> Reserve(int needed, int row, int rows)
    {
        if (data.Length - length < needed)
        {
            // From the rows so far, guess what all rows take.
            var written = Count + row + 1;
            var guess = (long)((double)(length + needed) / written * Capacity * 1.05) + rows;
            var size = Math.Clamp(guess, Math.Max((long)length + needed, data.Length * 3L / 2), System.Array.MaxLength);
            System.Array.Resize(ref data, (int)Math.Max(size, length + needed));
        }

        return data.AsSpan(length);
    }
}
