using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Air.Orleans.Kernels.Csv;

/// <summary>Writes a column of decimal numbers.</summary>
internal sealed class DoubleColumnBuilder(CsvColumn column, int capacity, CellReader reader)
    : ColumnBuilder(column, capacity, reader)
{
    private readonly byte[] values = GC.AllocateUninitializedArray<byte>(checked(capacity * sizeof(double)));

    protected override IArrowType Type => DoubleType.Default;

    protected override IEnumerable<ArrowBuffer> Buffers() =>
        [new ArrowBuffer(values.AsMemory(0, Count * sizeof(double)))];

    protected override int Write(in CellBlock block)
    {
        var target = MemoryMarshal.Cast<byte, double>(values.AsSpan()).Slice(Count, block.Rows);
        var direct = !Reader.HasNullTexts;
        for (var row = 0; row < target.Length; row++)
        {
            block.Find(row, out var start, out var end);
            if (direct && DigitBlock.TryDouble(block.Text, start, end, out target[row]))
            {
                continue;
            }

            var kind = Reader.Read(block.Text[start..end], emptyIsText: false, out var cell);
            if (kind is CellKind.Null)
            {
                SetNull(Count + row);
                target[row] = 0;
            }
            else if (kind is not CellKind.Text || !NumberText.TryDouble(cell, out target[row]))
            {
                return row;
            }
        }

        return target.Length;
    }
}
