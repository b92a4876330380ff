namespace Air.Orleans.Kernels.Csv;

/// <summary>
/// Looks for the quote that was never closed. Parity alone would name the last quote of the file; the one to correct is the
/// first whose cell does not end as a quoted cell must.
/// </summary>
internal static class OpenQuote
{
    /// <summary>Gives the line of the first faulty quote in the record that begins at <paramref name="at"/>, or null.</summary>
    public static long? Find(ReadOnlySpan<byte> text, int at, long line, CsvFormat format)
    {
        var isCellStart = true;
        while (at < text.Length)
        {
            var value = text[at];
            if (value == format.Quote)
            {
                if (!isCellStart)
                {
                    return line;
                }

                var close = Close(text, at, value);
                if (close < 0 || !EndsCell(text[(close + 1)..], format.Delimiter))
                {
                    return line;
                }

                line += BlankLine.LineEnds(text[at..close]);
                at = close + 1;
                isCellStart = false;
                continue;
            }

            if (value == (byte)'\n')
            {
                return null;
            }

            isCellStart = value == format.Delimiter;
            at++;
        }

        return null;
    }

    private static int Close(ReadOnlySpan<byte> text, int open, byte quote)
    {
        for (var at = open + 1; at < text.Length; at++)
        {
            if (text[at] != quote)
            {
                continue;
            }

            if (at + 1 == text.Length || text[at + 1] != quote)
            {
                return at;
            }

            at++;
        }

        return -1;
    }

    private static bool EndsCell(ReadOnlySpan<byte> rest, byte delimiter) =>
        rest.IsEmpty || rest[0] == delimiter || rest[0] is (byte)'\n' or (byte)'\r';
}
