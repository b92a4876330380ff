using Apache.Arrow;
using Apache.Arrow.Types;

namespace Air.Orleans.Kernels.Csv;

/// <summary>Writes one column's cells straight into the buffers of an Arrow array.</summary>
internal abstract class ColumnBuilder(CsvColumn column, int capacity, CellReader reader)
{
    private byte[]? validity;
    private int nulls;

    /// <summary>The column's name and type.</summary>
    public CsvColumn Column { get; } = column;

    /// <summary>How many rows the column has room for.</summary>
    protected int Capacity { get; } = capacity;

    /// <summary>How many rows are written.</summary>
    protected int Count { get; private set; }

    /// <summary>Reads cells the careful way.</summary>
    protected CellReader Reader { get; } = reader;

    /// <summary>Makes the writer for a column's type.</summary>
    public static ColumnBuilder Create(CsvColumn column, int capacity, CellReader reader) =>
        column.Type switch
        {
            CsvColumnType.Boolean => new BooleanColumnBuilder(column, capacity, reader),
            CsvColumnType.Int64 => new Int64ColumnBuilder(column, capacity, reader),
            CsvColumnType.Double => new DoubleColumnBuilder(column, capacity, reader),
            CsvColumnType.String => new StringColumnBuilder(column, capacity, reader),
            _ => throw new ArgumentException(
                $"Column '{column.Name}' has the type {(int)column.Type}: it must be one of CsvColumnType's values."
            ),
        };

    /// <summary>Writes the rows of a block. Gives how many could be read: fewer than asked means the next one is wrong.</summary>
    public int Append(in CellBlock block)
    {
        var written = Write(block);
        Count += written;
        return written;
    }

    /// <summary>Makes the array of all rows written.</summary>
    public IArrowArray Build()
    {
        var bits = validity is null ? ArrowBuffer.Empty : new ArrowBuffer(validity);
        return ArrowArrayFactory.BuildArray(new ArrayData(Type, Count, nulls, 0, [bits, .. Buffers()]));
    }

    /// <summary>The Arrow type of the array.</summary>
    protected abstract IArrowType Type { get; }

    /// <summary>Writes the rows of a block behind the <see cref="Count"/> rows there are.</summary>
    protected abstract int Write(in CellBlock block);

    /// <summary>The buffers after the validity bits.</summary>
    protected abstract IEnumerable<ArrowBuffer> Buffers();

    /// <summary>Marks a row as null.</summary>
    protected void SetNull(int row)
    {
        if (validity is null)
        {
            validity = GC.AllocateUninitializedArray<byte>((Capacity + 7) / 8);
            validity.AsSpan().Fill(0xFF);
        }

        validity[row >> 3] &= (byte)~(1 << (row & 7));
        nulls++;
    }
}
