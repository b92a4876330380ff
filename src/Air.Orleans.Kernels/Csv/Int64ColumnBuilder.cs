using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Air.Orleans.Kernels.Csv;

/// <summary>Writes a column of whole numbers.</summary>
internal sealed class Int64ColumnBuilder(CsvColumn column, int capacity, CellReader reader)
    : ColumnBuilder(column, capacity, reader)
{
    private readonly byte[] values = GC.AllocateUninitializedArray<byte>(checked(capacity * sizeof(long)));

    protected override IArrowType Type => Int64Type.Default;

    protected override IEnumerable<ArrowBuffer> Buffers() =>
        [new ArrowBuffer(values.AsMemory(0, Count * sizeof(long)))];

    protected override int Write(in CellBlock block)
    {
        var target = MemoryMarshal.Cast<byte, long>(values.AsSpan()).Slice(Count, block.Rows);
        var direct = !Reader.HasNullTexts;
        for (var row = 0; row < target.Length; row++)
        {
            block.Find(row, out var start, out var end);
            if (direct && DigitBlock.TryInt64(block.Text, start, end, out target[row]))
            {
                continue;
            }

            var kind = Reader.Read(block.Text[start..end], emptyIsText: false, out var cell);
            if (kind is CellKind.Null)
            {
                SetNull(Count + row);
                target[row] = 0;
            }
            else if (kind is not CellKind.Text || !NumberText.TryInt64(cell, out target[row]))
            {
                return row;
            }
        }

        return target.Length;
    }
}
