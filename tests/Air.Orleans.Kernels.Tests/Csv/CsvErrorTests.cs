using System.Text;
using Air.Orleans.Kernels.Csv;
using Apache.Arrow;

namespace Air.Orleans.Kernels.Tests.Csv;

public class CsvErrorTests
{
    private static CsvException Fails(string text, CsvColumnType? type = null, CsvFormat? format = null)
    {
        using var file = new TemporaryFile(text);
        return Assert.Throws<CsvException>(() => CsvFile.Batches(file, format, type: type));
    }

    [Fact]
    public void Parse_CellIsNoNumber_SaysFileLineColumnAndCell()
    {
        var rows = string.Concat(Enumerable.Repeat("1,2\n", 712));
        var error = Fails("id,age\n" + rows + "1,3O\n5,x\n", CsvColumnType.Double);
        Assert.Equal(714, error.LineNumber);
        Assert.Equal("age", error.ColumnName);
        Assert.Equal("data.csv", error.File);
        Assert.Equal(
            "'data.csv', line 714, column 'age': '3O' is not a Double. "
                + "Correct the cell, or read the column as String (CsvOptions.Types).",
            error.Message
        );
    }

    [Fact]
    public void Parse_SeveralWrongCells_ReportsTheFirstRow()
    {
        var error = Fails("a,b\n1,2\n3,x\ny,4\n", CsvColumnType.Int64);
        Assert.Equal(3, error.LineNumber);
        Assert.Equal("b", error.ColumnName);
    }

    [Theory]
    [InlineData("a,b\n1,2\n\n3\n4,5\n", 4, "found 1 cell, the header has 2")]
    [InlineData("a,b\n1,2\n3,4,5\n6\n", 3, "found 3 cells, the header has 2")]
    [InlineData("a,b\n1,2\n3", 3, "found 1 cell, the header has 2")]
    [InlineData("a,b\n\"1\n\",2\n3,4,5", 4, "found 3 cells, the header has 2")]
    [InlineData("a,b\n1,2,3\n4\n", 2, "found 3 cells, the header has 2")]
    public void Parse_RaggedRecord_SaysLineAndBothCounts(string text, long line, string found)
    {
        var error = Fails(text, CsvColumnType.String);
        Assert.Equal(line, error.LineNumber);
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_WrongCellBeforeRaggedRecord_ReportsTheCell() =>
        Assert.Equal(2, Fails("a,b\nx,1\n2,3,4\n", CsvColumnType.Int64).LineNumber);

    [Theory]
    [InlineData("a,b\n1,2\n3,\"open\n5,6\n", 3)]
    [InlineData("a,b\n1,\"x\ny\"\n3,\"open\n5,6\n", 4)]
    [InlineData("a,b\n\"ok\n\",\"open\n\n\n", 3)]
    [InlineData("a,b\n1,\"open\n2,\"d\"\n3,\"e\"\n4,\"f\"\n", 2)]
    public void Scan_QuoteNeverCloses_NamesTheLineWhereItOpened(string text, long line)
    {
        var error = Fails(text, CsvColumnType.String);
        Assert.Equal(line, error.LineNumber);
        Assert.Contains("not closed", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a,b\n1,x\"y\"\n")]
    [InlineData("a,b\n1,\"x\"y\n")]
    [InlineData("a,b\n1,\"x\" \"y\"\n")]
    public void Parse_QuoteWhereNoneMayBe_Throws(string text)
    {
        var error = Fails(text, CsvColumnType.String);
        Assert.Equal(2, error.LineNumber);
        Assert.Equal("b", error.ColumnName);
    }

    [Fact]
    public void Parse_QuoteIsNull_ReadsQuotesAsText()
    {
        var batch = CsvFile.Batch("a,b\n1,5\" disk\n2,\"\n", CsvFormat.Default with { Quote = null });
        Assert.Equal(["5\" disk", "\""], CsvFile.Texts((StringArray)batch.Column(1)));
    }

    [Fact]
    public void Read_EmptyFile_SaysAHeaderMustComeFirst() =>
        Assert.Equal("'data.csv' is empty: a header line must come first.", Fails("").Message);

    [Theory]
    [InlineData("a,b,a\n1,2,3\n", "line 1, column index 2: the name 'a' is taken by column index 0")]
    [InlineData("a,,c\n1,2,3\n", "line 1, column index 1: the name is empty")]
    public void Read_BadHeaderName_SaysLineAndIndex(string text, string expected) =>
        Assert.Contains(expected, Fails(text).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_Utf16File_SaysToConvertIt()
    {
        using var file = new TemporaryFile([0xFF, 0xFE, 0x61, 0]);
        var error = Assert.Throws<CsvException>(() => CsvHeader.Read(file.Handle, CsvFormat.Default, "x.csv"));
        Assert.Contains("UTF-16", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_InvalidUtf8_NamesTheCell()
    {
        using var file = new TemporaryFile([.. "a,b\n1,ü\n2,"u8, 0xC3, .. "\n3,x\n"u8]);
        var error = Assert.Throws<CsvException>(() => CsvFile.Batches(file, type: CsvColumnType.String));
        Assert.Equal(3, error.LineNumber);
        Assert.Equal("b", error.ColumnName);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Parse_OtherNumberOfRowsThanScanned_SaysTheFileChanged(long expected)
    {
        var error = Assert.Throws<CsvException>(() =>
            CsvParser.Parse("1\n2\n"u8, [new("a", CsvColumnType.Int64)], null, CsvFormat.Default, "f", 1, expected)
        );
        Assert.Contains("changed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_RangeBeyondTheFile_SaysTheFileChanged()
    {
        using var file = new TemporaryFile("a\n1\n");
        var range = new CsvRange(2, 10, 2, 5);
        Assert.Throws<CsvException>(() => range.Read(file.Handle, new byte[10], "f"));
    }

    [Theory]
    [InlineData((byte)'\n')]
    [InlineData((byte)'"')]
    [InlineData((byte)200)]
    public void Validate_BadDelimiter_Throws(byte delimiter) =>
        Assert.Throws<ArgumentException>(() => new CsvFormat { Delimiter = delimiter }.Validate());

    [Fact]
    public void Scan_Stream_GivesTheRangesOfTheFile()
    {
        var text = "a,b\n" + string.Concat(Enumerable.Range(0, 999).Select(i => $"{i},\"{i}\n\"\n"));
        using var file = new TemporaryFile(text);
        var header = CsvHeader.Read(file.Handle, CsvFormat.Default, "f");
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        stream.Position = header.DataOffset;
        Assert.Equal(
            CsvScanner.Scan(file.Handle, header, CsvFormat.Default, "f", 100),
            CsvScanner.Scan(stream, header, CsvFormat.Default, "f", 100)
        );
    }
}
