using Apache.Arrow;
using Apache.Arrow.Types;

namespace Air.Orleans.Kernels.Csv;

/// <summary>Writes a column of truth values, one bit each.</summary>
internal sealed class BooleanColumnBuilder(CsvColumn column, int capacity, CellReader reader)
    : ColumnBuilder(column, capacity, reader)
{
    private readonly byte[] bits = new byte[(capacity + 7) / 8];

    protected override IArrowType Type => BooleanType.Default;

    protected override IEnumerable<ArrowBuffer> Buffers() => [new ArrowBuffer(bits)];

    protected override int Write(in CellBlock block)
    {
        for (var row = 0; row < block.Rows; row++)
        {
            var kind = Reader.Read(block.Cell(row), emptyIsText: false, out var cell);
            if (kind is CellKind.Null)
            {
                SetNull(Count + row);
            }
            else if (kind is not CellKind.Text || !NumberText.TryBoolean(cell, out var value))
            {
                return row;
            }
            else if (value)
            {
                bits[(Count + row) >> 3] |= (byte)(1 << ((Count + row) & 7));
            }
        }

        return block.Rows;
    }
}
