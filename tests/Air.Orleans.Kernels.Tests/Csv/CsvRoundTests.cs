using System.Text;
using Air.Orleans.Kernels.Columns;
using Air.Orleans.Kernels.Csv;
using Air.Orleans.Kernels.Numerics;

namespace Air.Orleans.Kernels.Tests.Csv;

/// <summary>Random files, read by the kernels and by the plain loop.</summary>
public class CsvRoundTests
{
    private static readonly int[] Targets = [1, 16, 63, 64, 65, 200, 1000, 4096, 70_000, 1 << 20];

    [Theory]
    [InlineData(1, 1, 40)]
    [InlineData(2, 2, 300)]
    [InlineData(3, 3, 2000)]
    [InlineData(4, 7, 6000)]
    [InlineData(5, 31, 3000)]
    [InlineData(6, 1, 5000)]
    [InlineData(7, 400, 150)]
    public void Parse_RandomFileInAnyRanges_GivesWhatThePlainLoopGives(ulong seed, int columns, int rows)
    {
        var random = new SeededRandom(seed);
        var text = RandomFile(random, columns, rows);
        var expected = NaiveCsv.Read(text);
        Assert.Equal(rows + 1, expected.Count);
        using var file = new TemporaryFile(text);

        foreach (var target in Targets)
        {
            var ranges = CsvFile.Ranges(file, CsvFormat.Default, target);
            CheckRanges(ranges, expected, Encoding.UTF8.GetByteCount(text));
            var batches = CsvFile.Batches(file, target: target, type: CsvColumnType.String);
            Assert.Equal(rows, batches.Sum(batch => batch.Length));
            for (var column = 0; column < columns; column++)
            {
                Assert.Equal(expected.Skip(1).Select(record => record.Cells[column]), CsvFile.Texts(batches, column));
            }
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Parse_WrongCellAnywhere_NamesItsExactLine(ulong seed)
    {
        // Correct texts with line ends of their own, then a cell that is no number behind a cell of three lines.
        var text = RandomFile(new SeededRandom(seed), 3, 500);
        text += (text.EndsWith('\n') ? "" : "\n") + "\"a\n\nb\",3O,c\n";
        var line = text.AsSpan(0, text.IndexOf("3O", StringComparison.Ordinal)).Count('\n') + 1;
        var names = NaiveCsv.Read(text)[0].Cells;
        var columns = names.Select(
            (name, i) => new CsvColumn(name!, i == 1 ? CsvColumnType.Int64 : CsvColumnType.String)
        );
        using var file = new TemporaryFile(text);
        foreach (var target in Targets)
        {
            var (range, bytes) = CsvFile.Ranges(file, CsvFormat.Default, target)[^1];
            var start = bytes.AsSpan().LastIndexOf("\"a\n\nb\""u8);
            var first = range.FirstLineNumber + bytes.AsSpan(0, start).Count((byte)'\n');

            var error = Assert.Throws<CsvException>(() =>
                CsvParser.Parse(bytes.AsSpan(start), [.. columns], null, CsvFormat.Default, CsvFile.Name, first, 1)
            );

            Assert.Equal(line, error.LineNumber);
            Assert.Equal(names[1], error.ColumnName);
        }
    }

    [Fact]
    public void Parse_NumbersInAnyRanges_GiveTheSameBatch()
    {
        var random = new SeededRandom(21);
        var text = new StringBuilder("i,d,b,s\r\n");
        for (var row = 0; row < 5000; row++)
        {
            text.Append(random.NextInt(5) == 0 ? "" : $"{(long)random.NextUInt64() >> random.NextInt(64)}").Append(',');
            text.Append(random.NextInt(9) == 0 ? "" : $"{random.NextGaussian() * Math.Pow(10, random.NextInt(20))}")
                .Append(',');
            text.Append(
                    random.NextInt(3) switch
                    {
                        0 => "true",
                        1 => "False",
                        _ => "",
                    }
                )
                .Append(',');
            text.Append(random.NextInt(2) == 0 ? $"t{row}" : "").Append("\r\n");
        }

        using var file = new TemporaryFile(text.ToString());
        var whole = Assert.Single(CsvFile.Batches(file));
        foreach (var target in (int[])[16, 100, 1000, 30_000])
        {
            var columns = CsvFile.Ranges(file, CsvFormat.Default, target);
            var types = whole.Schema.FieldsList.Zip(
                [CsvColumnType.Int64, CsvColumnType.Double, CsvColumnType.Boolean, CsvColumnType.String],
                (field, type) => new CsvColumn(field.Name, type)
            );
            var parts = columns.Select(r =>
                CsvParser.Parse(
                    r.Bytes,
                    [.. types],
                    null,
                    CsvFormat.Default,
                    "f",
                    r.Range.FirstLineNumber,
                    r.Range.Rows
                )
            );
            Assert.Equal(BatchKernels.Hash64(whole), BatchKernels.Hash64(BatchKernels.Concat([.. parts])));
        }
    }

    private static void CheckRanges(
        List<(CsvRange Range, byte[] Bytes)> ranges,
        List<NaiveRecord> expected,
        long length
    )
    {
        var record = 1;
        for (var i = 0; i < ranges.Count; i++)
        {
            var range = ranges[i].Range;
            var blank = ranges[i].Bytes.TakeWhile(b => b is (byte)'\n' or (byte)'\r').Count(b => b == (byte)'\n');
            Assert.Equal(expected[record].Line, range.FirstLineNumber + blank);
            record += (int)range.Rows;
            var end = i + 1 < ranges.Count ? ranges[i + 1].Range.Offset : length;
            Assert.True(range.Offset + range.Length <= end);
            Assert.True(i + 1 == ranges.Count || range.Offset + range.Length == end);
        }

        Assert.Equal(expected.Count, record);
    }

    private static string RandomFile(SeededRandom random, int columns, int rows)
    {
        var text = new StringBuilder(random.NextInt(2) == 0 ? "\uFEFF" : "");
        var lineEnd = random.NextInt(2) == 0 ? "\n" : "\r\n";
        text.AppendJoin(',', Enumerable.Range(0, columns).Select(i => i % 2 == 0 ? $"c{i}" : $"\"c,{i}\""))
            .Append(lineEnd);
        for (var row = 0; row < rows; row++)
        {
            while (random.NextInt(12) == 0)
            {
                text.Append(random.NextInt(2) == 0 ? "\n" : "\r\n");
            }

            // One empty cell alone would be an empty line.
            text.AppendJoin(',', Enumerable.Range(0, columns).Select(_ => Cell(random, mayBeEmpty: columns > 1)));
            text.Append(row + 1 < rows || random.NextInt(2) == 0 ? lineEnd : "");
        }

        return text.ToString();
    }

    private static string Cell(SeededRandom random, bool mayBeEmpty)
    {
        switch (random.NextInt(8))
        {
            case 0 when mayBeEmpty:
                return "";
            case 1:
                return "\"\"";
            case 2 or 3:
                var parts = (string[])
                    ["\n", "\r\n", ",", "\"\"", "x", "ü", "long text without anything in it", " ", "\r"];
                var inner = Enumerable.Range(0, random.NextInt(6)).Select(_ => parts[random.NextInt(parts.Length)]);
                return $"\"{string.Concat(inner)}\"";
            case 4:
                return new string('y', random.NextInt(150) + 1);
            default:
                return $"{random.NextInt(100_000)}";
        }
    }
}
