using System.Text.Unicode;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Air.Orleans.Kernels.Csv;

/// <summary>Reads pieces of a CSV file into Arrow columns. Stateless, hence thread-safe.</summary>
public static class CsvParser
{
    /// <summary>Reads whole records into a batch.</summary>
    /// <param name="range">The bytes of a <see cref="CsvRange"/>: whole records, without header and byte order mark.</param>
    /// <param name="fileColumns">The file's columns, all of them, in the file's order.</param>
    /// <param name="projection">
    /// Which columns to read, as indices into <paramref name="fileColumns"/>, in the order wanted; null for all. Cells of
    /// other columns are skipped unread, and errors in them go unseen.
    /// </param>
    /// <param name="format">How the file is written.</param>
    /// <param name="file">The file's name, for errors.</param>
    /// <param name="firstLineNumber">The 1-based physical line on which the range begins.</param>
    /// <param name="expectedRows">How many records the scan of the file saw in the range.</param>
    /// <returns>
    /// A batch of <paramref name="expectedRows"/> rows in the file's order; every column is nullable. Its buffers are managed
    /// memory: it need not be disposed.
    /// </returns>
    /// <exception cref="CsvException">
    /// A record has too few or too many cells, a cell is not of its column's type, a quote is misplaced, a text is not valid
    /// UTF-8, or the number of records is not the expected one. Of several errors the first in the file is reported.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The projection holds an index that is no column.</exception>
    public static RecordBatch Parse(
        ReadOnlySpan<byte> range,
        IReadOnlyList<CsvColumn> fileColumns,
        IReadOnlyList<int>? projection,
        CsvFormat format,
        string file,
        long firstLineNumber,
        long expectedRows
    )
    {
        ArgumentNullException.ThrowIfNull(fileColumns);
        ArgumentNullException.ThrowIfNull(format);
        ArgumentNullException.ThrowIfNull(file);
        ArgumentOutOfRangeException.ThrowIfZero(fileColumns.Count, nameof(fileColumns));
        ArgumentOutOfRangeException.ThrowIfNegative(expectedRows);
        // A record is at least a line end, so more rows than bytes cannot be; this also bounds what is allocated.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(expectedRows, range.Length, nameof(expectedRows));
        format.Validate();
        projection ??= [.. Enumerable.Range(0, fileColumns.Count)];
        var builders = new ColumnBuilder[projection.Count];
        var reader = new CellReader(format);
        for (var i = 0; i < builders.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(projection[i], nameof(projection));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(projection[i], fileColumns.Count, nameof(projection));
            builders[i] = ColumnBuilder.Create(fileColumns[projection[i]], (int)expectedRows, reader);
        }

        var isUtf8 = !builders.Any(builder => builder.Column.Type is CsvColumnType.String) || Utf8.IsValid(range);
        var rows = ReadBlocks(
            range,
            fileColumns,
            projection,
            builders,
            format,
            isUtf8,
            file,
            firstLineNumber,
            expectedRows
        );
        var schema = new Schema(
            builders.Select(builder => new Field(builder.Column.Name, TypeOf(builder.Column.Type), nullable: true)),
            metadata: null
        );
        return new RecordBatch(schema, builders.Select(builder => builder.Build()), rows);
    }

    /// <summary>Gives the Arrow type that a column is read as.</summary>
    /// <param name="type">The column's type.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of the enumeration's.</exception>
    public static IArrowType TypeOf(CsvColumnType type) =>
        type switch
        {
            CsvColumnType.Boolean => BooleanType.Default,
            CsvColumnType.Int64 => Int64Type.Default,
            CsvColumnType.Double => DoubleType.Default,
            CsvColumnType.String => StringType.Default,
            _ => throw new ArgumentOutOfRangeException(
                nameof(type),
                type,
                "The type must be one of CsvColumnType's values."
            ),
        };

    /// <summary>Says what is wrong with the record after the index's block.</summary>
    internal static CsvException Irregular(
        ReadOnlySpan<byte> range,
        int columns,
        CsvFormat format,
        string file,
        long firstLine,
        in CellIndex index
    )
    {
        var start = index.NextRecordStart();
        var line = firstLine + BlankLine.LineEnds(range[..start]);
        if (index.IsOpen)
        {
            return CsvErrors.OpenQuote(file, OpenQuote.Find(range, start, line, format) ?? line);
        }

        return CsvErrors.Ragged(file, line, index.CountNextCells(format.Quote), columns);
    }

    private static int ReadBlocks(
        ReadOnlySpan<byte> range,
        IReadOnlyList<CsvColumn> columns,
        IReadOnlyList<int> projection,
        ColumnBuilder[] builders,
        CsvFormat format,
        bool isUtf8,
        string file,
        long firstLine,
        long expectedRows
    )
    {
        var index = new CellIndex(range, format, columns.Count);
        try
        {
            var rows = 0;
            while (index.MoveNext())
            {
                if (rows + index.Rows > expectedRows)
                {
                    throw CsvErrors.Changed(file, firstLine, $"{expectedRows} records from here", "more");
                }

                ReadColumns(range, columns, projection, builders, format, isUtf8, file, firstLine, index);
                rows += index.Rows;
                if (index.IsRagged)
                {
                    throw Irregular(range, columns.Count, format, file, firstLine, index);
                }
            }

            return rows == expectedRows
                ? rows
                : throw CsvErrors.Changed(file, firstLine, $"{expectedRows} records from here", $"{rows}");
        }
        finally
        {
            index.Dispose();
        }
    }

    private static void ReadColumns(
        ReadOnlySpan<byte> range,
        IReadOnlyList<CsvColumn> columns,
        IReadOnlyList<int> projection,
        ColumnBuilder[] builders,
        CsvFormat format,
        bool isUtf8,
        string file,
        long firstLine,
        in CellIndex index
    )
    {
        // After an error only the rows before it matter, so that the first error in the file is the one reported.
        var wrong = -1;
        var rows = index.Rows;
        for (var i = 0; i < builders.Length; i++)
        {
            var block = new CellBlock(range, index.Positions, columns.Count, projection[i], rows, isUtf8);
            var read = builders[i].Append(block);
            if (read < rows)
            {
                rows = read;
                wrong = i;
            }
        }

        if (wrong >= 0)
        {
            var block = new CellBlock(range, index.Positions, columns.Count, projection[wrong], index.Rows, isUtf8);
            block.Find(rows, out var start, out var end);
            var line = firstLine + BlankLine.LineEnds(range[..start]);
            throw WrongCell(range[start..end], builders[wrong].Column, format, file, line);
        }
    }

    private static CsvException WrongCell(
        ReadOnlySpan<byte> raw,
        CsvColumn column,
        CsvFormat format,
        string file,
        long line
    )
    {
        var isText = column.Type is CsvColumnType.String;
        var kind = new CellReader(format).Read(raw, isText, out var cell);
        if (kind is CellKind.BadQuote)
        {
            return CsvErrors.BadQuote(file, line, column, raw);
        }

        return isText ? CsvErrors.NotUtf8(file, line, column, cell) : CsvErrors.Cell(file, line, column, cell);
    }
}
