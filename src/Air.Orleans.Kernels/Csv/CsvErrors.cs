using System.Text;

namespace Air.Orleans.Kernels.Csv;

/// <summary>The wording of every CSV error, in one place so that all have one form.</summary>
internal static class CsvErrors
{
    private const int LongestQuotation = 64;

    public static CsvException Cell(string file, long line, CsvColumn column, ReadOnlySpan<byte> cell)
    {
        var type = column.Type is CsvColumnType.Int64 ? "an Int64" : $"a {column.Type}";
        return new CsvException(
            $"'{file}', line {line}, column '{column.Name}': '{Quotation(cell)}' is not {type}. "
                + "Correct the cell, or read the column as String (CsvOptions.Types).",
            file,
            line,
            column.Name
        );
    }

    public static CsvException BadQuote(string file, long line, CsvColumn column, ReadOnlySpan<byte> cell) =>
        new(
            $"'{file}', line {line}, column '{column.Name}': [{Quotation(cell)}] has a quote in a place where none may be: "
                + "a quoted cell begins and ends with a quote, and a quote inside it is doubled. "
                + "Correct the cell, or set CsvFormat.Quote to null when quotes are ordinary text.",
            file,
            line,
            column.Name
        );

    public static CsvException NotUtf8(string file, long line, CsvColumn column, ReadOnlySpan<byte> cell) =>
        new(
            $"'{file}', line {line}, column '{column.Name}': '{Quotation(cell)}' is not valid UTF-8. Convert the file to UTF-8.",
            file,
            line,
            column.Name
        );

    public static CsvException Ragged(string file, long line, long found, int expected) =>
        new(
            $"'{file}', line {line}: found {Count(found, "cell")}, the header has {expected}. "
                + "Every record must have as many cells as the header: add or remove delimiters, or quote the cell that holds one.",
            file,
            line
        );

    public static CsvException OpenQuote(string file, long line) =>
        new(
            $"'{file}', line {line}: a quoted cell begins here and is not closed before the end of the file. "
                + "Close it, double the quotes inside it, or set CsvFormat.Quote to null when quotes are ordinary text.",
            file,
            line
        );

    public static CsvException TooLong(string file, long line, long bytes) =>
        new(
            $"'{file}', line {line}: the record that begins here is longer than {bytes} bytes, the most a record may have. "
                + "Look for a quote that is not closed, or split the record.",
            file,
            line
        );

    public static CsvException Changed(string file, long line, string expected, string found) =>
        new(
            $"'{file}', line {line}: found {found}, the scan of the file saw {expected}. "
                + "The file changed after it was scanned: read it again from the start.",
            file,
            line
        );

    public static CsvException Empty(string file, bool hasHeader) =>
        new($"'{file}' is empty: {(hasHeader ? "a header line" : "a record")} must come first.", file, 1);

    public static CsvException Utf16(string file) =>
        new(
            $"'{file}' begins with a UTF-16 byte order mark: a CSV file must be UTF-8. Convert the file to UTF-8.",
            file,
            1
        );

    public static CsvException HeaderName(string file, long line, int index, string problem) =>
        new(
            $"'{file}', line {line}, column index {index}: {problem}. "
                + "Every column needs a name of its own: correct the header, or set CsvFormat.HasHeader to false.",
            file,
            line
        );

    private static string Quotation(ReadOnlySpan<byte> cell) =>
        cell.Length <= LongestQuotation
            ? Encoding.UTF8.GetString(cell)
            : $"{Encoding.UTF8.GetString(cell[..LongestQuotation])}...";

    private static string Count(long count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
