using Air.Orleans.Kernels.Csv;
using Apache.Arrow;

namespace Air.Orleans.Kernels.Tests.Csv;

/// <summary>Reads whole files the way a reader does: header, ranges, types, batches.</summary>
internal static class CsvFile
{
    public const string Name = "data.csv";

    public static List<(CsvRange Range, byte[] Bytes)> Ranges(TemporaryFile file, CsvFormat format, int target)
    {
        var header = CsvHeader.Read(file.Handle, format, Name);
        return
        [
            .. CsvScanner.Scan(file.Handle, header, format, Name, target).Select(range => (range, Bytes(file, range))),
        ];
    }

    public static byte[] Bytes(TemporaryFile file, CsvRange range)
    {
        var bytes = new byte[range.Length];
        range.Read(file.Handle, bytes, Name);
        return bytes;
    }

    public static List<RecordBatch> Batches(
        TemporaryFile file,
        CsvFormat? format = null,
        int target = CsvScanner.DefaultRangeBytes,
        CsvColumnType? type = null,
        IReadOnlyList<int>? projection = null
    )
    {
        format ??= CsvFormat.Default;
        var header = CsvHeader.Read(file.Handle, format, Name);
        var ranges = Ranges(file, format, target);
        if (ranges.Count == 0)
        {
            return [];
        }

        var columns = type is { } fixedType
            ? header.Names.Select(name => new CsvColumn(name, fixedType)).ToList()
            : CsvInference.Infer(ranges[0].Bytes, header, format, Name);
        return
        [
            .. ranges.Select(r =>
                CsvParser.Parse(r.Bytes, columns, projection, format, Name, r.Range.FirstLineNumber, r.Range.Rows)
            ),
        ];
    }

    public static RecordBatch Batch(string text, CsvFormat? format = null, CsvColumnType? type = null)
    {
        using var file = new TemporaryFile(text);
        return Assert.Single(Batches(file, format, type: type));
    }

    public static List<string?> Texts(IEnumerable<RecordBatch> batches, int column) =>
        [.. batches.SelectMany(batch => Texts((StringArray)batch.Column(column)))];

    public static IEnumerable<string?> Texts(StringArray array) =>
        Enumerable.Range(0, array.Length).Select(row => array.GetString(row));
}
