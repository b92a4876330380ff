using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Air.Orleans.Kernels.Csv;

/// <summary>Gives the names of a CSV file's columns and where its data begins. Immutable, hence thread-safe.</summary>
/// <param name="Names">The column names, in the file's order, each once.</param>
/// <param name="DataOffset">The first byte after the header, counted from the start of the file.</param>
/// <param name="DataLineNumber">The 1-based physical line of that byte.</param>
public sealed record CsvHeader(IReadOnlyList<string> Names, long DataOffset, long DataLineNumber)
{
    private const int FirstRead = 64 * 1024;

    /// <summary>Reads the names of a file's columns.</summary>
    /// <param name="handle">The file, open for reading.</param>
    /// <param name="format">How the file is written.</param>
    /// <param name="file">The file's name, for errors.</param>
    /// <returns>The header; without one in the file, the names <c>column_0</c>, <c>column_1</c>, and so on.</returns>
    /// <exception cref="CsvException">
    /// The file is empty, begins in UTF-16, never closes a quote of its first record, or a name is empty or there twice.
    /// </exception>
    public static CsvHeader Read(SafeFileHandle handle, CsvFormat format, string file)
    {
        ArgumentNullException.ThrowIfNull(handle);
        for (var size = FirstRead; ; size = (int)Math.Min((long)size * 4, Array.MaxLength))
        {
            var bytes = GC.AllocateUninitializedArray<byte>(size);
            var filled = 0;
            int read;
            while (filled < size && (read = RandomAccess.Read(handle, bytes.AsSpan(filled), filled)) > 0)
            {
                filled += read;
            }

            var wholeFile = filled < size;
            if (TryRead(bytes.AsSpan(0, filled), wholeFile, format, file, out var header))
            {
                return header;
            }

            if (wholeFile || size == Array.MaxLength)
            {
                throw CsvErrors.TooLong(file, 1, size);
            }
        }
    }

    /// <summary>Reads the names from the first bytes of a file.</summary>
    /// <param name="start">The file's first bytes, from its very beginning.</param>
    /// <param name="isWholeFile">Whether these bytes are the whole file.</param>
    /// <param name="format">How the file is written.</param>
    /// <param name="file">The file's name, for errors.</param>
    /// <param name="header">The header, when the bytes hold the first record to its end.</param>
    /// <returns>False when the first record does not end within these bytes: call again with more.</returns>
    /// <exception cref="CsvException">
    /// The file is empty, begins in UTF-16, never closes a quote of its first record, or a name is empty or there twice.
    /// </exception>
    public static bool TryRead(
        ReadOnlySpan<byte> start,
        bool isWholeFile,
        CsvFormat format,
        string file,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CsvHeader? header
    )
    {
        ArgumentNullException.ThrowIfNull(format);
        ArgumentNullException.ThrowIfNull(file);
        format.Validate();
        header = null;
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            throw CsvErrors.Utf16(file);
        }

        var mark = start.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? 3 : 0;
        var cells = new List<string>();
        var record = FirstRecord.Read(start[mark..], format, cells);
        if (record.IsOpen && !isWholeFile)
        {
            return false;
        }

        if (record.IsOpen)
        {
            throw CsvErrors.OpenQuote(file, record.OpenLine);
        }

        if (cells.Count == 0)
        {
            return isWholeFile ? throw CsvErrors.Empty(file, format.HasHeader) : false;
        }

        if (!record.HasLineEnd && !isWholeFile)
        {
            return false;
        }

        if (!format.HasHeader)
        {
            header = new CsvHeader([.. cells.Select((_, index) => $"column_{index}")], mark, 1);
            return true;
        }

        CheckNames(cells, record.FirstLine, file);
        header = new CsvHeader(cells, mark + record.Length, record.NextLine);
        return true;
    }

    private static void CheckNames(List<string> names, long line, string file)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < names.Count; index++)
        {
            if (names[index].Length == 0)
            {
                throw CsvErrors.HeaderName(file, line, index, "the name is empty");
            }

            if (!seen.TryAdd(names[index], index))
            {
                throw CsvErrors.HeaderName(
                    file,
                    line,
                    index,
                    $"the name '{names[index]}' is taken by column index {seen[names[index]]}"
                );
            }
        }
    }

    private readonly record struct FirstRecord(
        int Length,
        long FirstLine,
        long NextLine,
        bool HasLineEnd,
        bool IsOpen,
        long OpenLine
    )
    {
        public static FirstRecord Read(ReadOnlySpan<byte> text, CsvFormat format, List<string> cells)
        {
            var at = 0;
            var line = 1L;
            while (at < text.Length && BlankLine.LengthAt(text, at) is > 0 and var skipped)
            {
                at += skipped;
                line++;
            }

            var first = line;
            var cell = new List<byte>();
            if (at == text.Length)
            {
                return new FirstRecord(at, first, line, false, false, 0);
            }

            var inside = false;
            var openLine = 0L;
            var closedAt = -2;
            for (; at < text.Length; at++)
            {
                var value = text[at];
                line += value == (byte)'\n' ? 1 : 0;
                if (value == format.Quote)
                {
                    // A doubled quote closes and opens again: the second one is text.
                    if (!inside && closedAt == at - 1)
                    {
                        cell.Add(value);
                    }

                    closedAt = inside ? at : closedAt;
                    openLine = inside ? openLine : line;
                    inside = !inside;
                }
                else if (!inside && value == format.Delimiter)
                {
                    cells.Add(Text(cell));
                }
                else if (!inside && value == (byte)'\n')
                {
                    if (cell is [.., (byte)'\r'])
                    {
                        cell.RemoveAt(cell.Count - 1);
                    }

                    cells.Add(Text(cell));
                    return new FirstRecord(at + 1, first, line, true, false, 0);
                }
                else
                {
                    cell.Add(value);
                }
            }

            if (cell is [.., (byte)'\r'])
            {
                cell.RemoveAt(cell.Count - 1);
            }

            cells.Add(Text(cell));
            return new FirstRecord(at, first, line, false, inside, openLine);
        }

        private static string Text(List<byte> cell)
        {
            var text = Encoding.UTF8.GetString([.. cell]);
            cell.Clear();
            return text;
        }
    }
}
