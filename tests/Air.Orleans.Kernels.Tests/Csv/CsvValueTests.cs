using Air.Orleans.Kernels.Csv;
using Apache.Arrow;

namespace Air.Orleans.Kernels.Tests.Csv;

public class CsvValueTests
{
    [Theory]
    [InlineData("true\nFALSE\n\"\"\n", CsvColumnType.Boolean)]
    [InlineData("1\n-9223372036854775808\n+5\n 7 \n", CsvColumnType.Int64)]
    [InlineData("1\n9223372036854775808\n", CsvColumnType.Double)]
    [InlineData("1\n1e5\nNaN\n-INF\n", CsvColumnType.Double)]
    [InlineData("true\n1\n", CsvColumnType.String)]
    [InlineData("1\n1.\nx\n", CsvColumnType.String)]
    [InlineData("5.\n", CsvColumnType.Double)]
    [InlineData("\"1\"\n\"2\"\n", CsvColumnType.Int64)]
    [InlineData("\"\"\n", CsvColumnType.Double)]
    public void Infer_Cells_GiveTheNarrowestType(string cells, CsvColumnType expected)
    {
        var header = new CsvHeader(["a"], 0, 1);
        var columns = CsvInference.Infer(System.Text.Encoding.UTF8.GetBytes(cells), header, CsvFormat.Default, "f");
        Assert.Equal(expected, Assert.Single(columns).Type);
    }

    [Fact]
    public void Infer_Override_Wins()
    {
        var header = new CsvHeader(["a", "b"], 0, 1);
        var types = new Dictionary<string, CsvColumnType> { ["b"] = CsvColumnType.String };
        var columns = CsvInference.Infer("1,2\n"u8, header, CsvFormat.Default, "f", types);
        Assert.Equal([new("a", CsvColumnType.Int64), new("b", CsvColumnType.String)], columns);
    }

    [Fact]
    public void Infer_OverrideOfUnknownColumn_NamesIt()
    {
        var types = new Dictionary<string, CsvColumnType> { ["c"] = CsvColumnType.String };
        var error = Assert.Throws<ArgumentException>(() =>
            CsvInference.Infer("1\n"u8, new CsvHeader(["a"], 0, 1), CsvFormat.Default, "f", types)
        );
        Assert.Contains("'c'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_EmptyAndQuotedEmpty_AreNullAndEmptyText()
    {
        var batch = CsvFile.Batch("a,b\n,\"\"\nx,\n", type: CsvColumnType.String);
        Assert.Equal([null, "x"], CsvFile.Texts((StringArray)batch.Column(0)));
        Assert.Equal(["", null], CsvFile.Texts((StringArray)batch.Column(1)));
        Assert.Equal(1, batch.Column(0).NullCount);
    }

    [Fact]
    public void Parse_NullTexts_AreNullInEveryType()
    {
        var format = CsvFormat.Default with { NullTexts = ["NA", "-1"] };
        var batch = CsvFile.Batch("i,d,b,s\nNA,NA,NA,NA\n-1,-1,true,\"NA\"\n-2,-1.0,NA,x\n", format);
        Assert.Equal([null, null, -2L], (Int64Array)batch.Column(0));
        Assert.Equal([null, null, -1.0], (DoubleArray)batch.Column(1));
        Assert.Equal([null, true, null], (BooleanArray)batch.Column(2));
        Assert.Equal([null, "NA", "x"], CsvFile.Texts((StringArray)batch.Column(3)));
    }

    [Fact]
    public void Parse_Projection_GivesTheseColumnsInTheirOrder()
    {
        using var file = new TemporaryFile("a,b,c\n1,not read,x\n2,\"nor, this\",y\n");
        var batch = Assert.Single(CsvFile.Batches(file, projection: [2, 0]));
        Assert.Equal(["c", "a"], batch.Schema.FieldsList.Select(field => field.Name));
        Assert.Equal([1L, 2L], (Int64Array)batch.Column(1));
        Assert.Equal(["x", "y"], CsvFile.Texts((StringArray)batch.Column(0)));
    }

    [Fact]
    public void Parse_NoHeaderAndOtherDelimiter_NamesColumnsByNumber()
    {
        var batch = CsvFile.Batch("1;\"a;b\"\n2;c", new CsvFormat { HasHeader = false, Delimiter = (byte)';' });
        Assert.Equal(["column_0", "column_1"], batch.Schema.FieldsList.Select(field => field.Name));
        Assert.Equal(["a;b", "c"], CsvFile.Texts((StringArray)batch.Column(1)));
        Assert.Equal([1L, 2L], (Int64Array)batch.Column(0));
    }

    [Fact]
    public void Read_LongHeader_GrowsUntilItEnds()
    {
        var names = Enumerable.Range(0, 30_000).Select(i => $"column number {i}").ToList();
        using var file = new TemporaryFile("\uFEFF\r\n" + string.Join(',', names) + "\r\n");
        var header = CsvHeader.Read(file.Handle, CsvFormat.Default, "f");
        Assert.Equal(names, header.Names);
        Assert.Equal(3, header.DataLineNumber);
    }

    [Fact]
    public void Read_QuotedNames_TakesQuotesOff()
    {
        var format = CsvFormat.Default;
        Assert.True(CsvHeader.TryRead("\"a \"\"b\"\"\n\",c\n1,2\n"u8, true, format, "f", out var header));
        Assert.Equal(["a \"b\"\n", "c"], header.Names);
        Assert.Equal(13, header.DataOffset);
        Assert.Equal(3, header.DataLineNumber);
    }

    [Theory]
    [InlineData("a\n")]
    [InlineData("a\n\n\r\n\n")]
    [InlineData("a\n\r")]
    public void Scan_NoRecords_GivesNoRange(string text)
    {
        using var file = new TemporaryFile(text);
        Assert.Empty(CsvFile.Ranges(file, CsvFormat.Default, 16));
    }
}
