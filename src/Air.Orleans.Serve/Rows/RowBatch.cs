using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Apache.Arrow.Types;

namespace Air.Orleans.Serve.Rows;

/// <summary>Makes Arrow columns of the rows of one or several requests.</summary>
internal static class RowBatch
{
    /// <summary>The rows of all tables, one table after the other; the tables have one layout.</summary>
    public static RecordBatch Join(RowTable[] tables)
    {
        var layout = tables[0].Layout;
        var rows = 0;
        foreach (var table in tables)
        {
            rows += table.RowCount;
        }

        var columns = new IArrowArray[layout.Width];
        for (var column = 0; column < columns.Length; column++)
        {
            columns[column] = Column(tables, column, rows);
        }

        return new RecordBatch(layout.Schema, columns, rows);
    }

    private static IArrowArray Column(RowTable[] tables, int column, int rows)
    {
        var (validity, nulls) = Validity(tables, column, rows);
        return tables[0].Layout.Kinds[column] switch
        {
            CellKind.Number => new DoubleArray(Data(DoubleType.Default, validity, Numbers(tables, column, rows))),
            CellKind.Boolean => new BooleanArray(Data(BooleanType.Default, validity, Bits(tables, column, rows))),
            _ => TextColumn(),
        };

        ArrayData Data(IArrowType type, ArrowBuffer bitmap, byte[] values) =>
            new(type, rows, nulls, 0, [bitmap, new ArrowBuffer(values)]);

        StringArray TextColumn()
        {
            var (offsets, bytes) = Texts(tables, column, rows);
            return new StringArray(
                new ArrayData(
                    StringType.Default,
                    rows,
                    nulls,
                    0,
                    [validity, new ArrowBuffer(offsets), new ArrowBuffer(bytes)]
                )
            );
        }
    }

    private static (ArrowBuffer Bitmap, int Nulls) Validity(RowTable[] tables, int column, int rows)
    {
        byte[]? bitmap = null;
        var nulls = 0;
        var at = 0;
        foreach (var table in tables)
        {
            for (var row = 0; table.Present is not null && row < table.RowCount; row++)
            {
                if (!table.HasValue(row, column))
                {
                    bitmap ??= AllSet(rows);
                    bitmap[(at + row) >> 3] &= (byte)~(1 << ((at + row) & 7));
                    nulls++;
                }
            }

            at += table.RowCount;
        }

        return (bitmap is null ? ArrowBuffer.Empty : new ArrowBuffer(bitmap), nulls);
    }

    private static byte[] AllSet(int rows)
    {
        var bitmap = new byte[(rows + 7) / 8];
        bitmap.AsSpan().Fill(0xFF);
        return bitmap;
    }

    private static byte[] Numbers(RowTable[] tables, int column, int rows)
    {
        var bytes = new byte[rows * sizeof(double)];
        var values = MemoryMarshal.Cast<byte, double>(bytes.AsSpan());
        var at = 0;
        foreach (var table in tables)
        {
            for (var row = 0; row < table.RowCount; row++)
            {
                values[at++] = table.Number(row, column);
            }
        }

        return bytes;
    }

    private static byte[] Bits(RowTable[] tables, int column, int rows)
    {
        var bits = new byte[(rows + 7) / 8];
        var at = 0;
        foreach (var table in tables)
        {
            for (var row = 0; row < table.RowCount; row++, at++)
            {
                if (table.Number(row, column) != 0)
                {
                    bits[at >> 3] |= (byte)(1 << (at & 7));
                }
            }
        }

        return bits;
    }

    private static (byte[] Offsets, byte[] Bytes) Texts(RowTable[] tables, int column, int rows)
    {
        var offsets = new byte[(rows + 1) * sizeof(int)];
        using var bytes = new MemoryStream();
        var at = 0;
        foreach (var table in tables)
        {
            for (var row = 0; row < table.RowCount; row++)
            {
                bytes.Write(Encoding.UTF8.GetBytes(table.Text(row, column) ?? ""));
                at++;
                BinaryPrimitives.WriteInt32LittleEndian(offsets.AsSpan(at * sizeof(int)), (int)bytes.Length);
            }
        }

        return (offsets, bytes.ToArray());
    }
}
