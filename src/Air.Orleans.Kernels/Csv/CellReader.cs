namespace Air.Orleans.Kernels.Csv;

/// <summary>What one cell is, once its quotes are taken off.</summary>
internal enum CellKind
{
    /// <summary>A text, to be read as the column's type.</summary>
    Text,

    /// <summary>A quoted text with doubled quotes inside.</summary>
    Escaped,

    /// <summary>A missing value.</summary>
    Null,

    /// <summary>A cell with a quote where none may be.</summary>
    BadQuote,
}

/// <summary>Takes the quotes off a cell and finds the missing ones: the way every cell can go, and the rare ones must.</summary>
internal readonly struct CellReader(CsvFormat format)
{
    private readonly byte[][] nullTexts =
    [
        .. format.NullTexts.Where(text => text.Length > 0).Select(System.Text.Encoding.UTF8.GetBytes),
    ];

    private readonly byte? quote = format.Quote;

    /// <summary>Whether a cell that reads as a number can still stand for null.</summary>
    public bool HasNullTexts => nullTexts.Length > 0;

    /// <summary>Gives what a raw cell is, and its text without the outer quotes.</summary>
    public CellKind Read(ReadOnlySpan<byte> raw, bool emptyIsText, out ReadOnlySpan<byte> cell)
    {
        cell = raw;
        if (raw.IsEmpty)
        {
            return CellKind.Null;
        }

        if (quote is not { } mark || !raw.Contains(mark))
        {
            return IsNullText(raw) ? CellKind.Null : CellKind.Text;
        }

        if (raw.Length < 2 || raw[0] != mark || raw[^1] != mark)
        {
            return CellKind.BadQuote;
        }

        cell = raw[1..^1];
        if (cell.IsEmpty)
        {
            return emptyIsText ? CellKind.Text : CellKind.Null;
        }

        var doubled = false;
        for (var at = cell.IndexOf(mark); at >= 0 && at < cell.Length; at++)
        {
            if (cell[at] != mark)
            {
                continue;
            }

            if (++at == cell.Length || cell[at] != mark)
            {
                return CellKind.BadQuote;
            }

            doubled = true;
        }

        return doubled ? CellKind.Escaped : CellKind.Text;
    }

    /// <summary>Copies an escaped cell with each doubled quote made one. Gives the number of bytes written.</summary>
    public int Unescape(ReadOnlySpan<byte> cell, Span<byte> destination)
    {
        var mark = quote.GetValueOrDefault();
        var written = 0;
        for (var at = 0; at < cell.Length; at++)
        {
            destination[written++] = cell[at];
            at += cell[at] == mark ? 1 : 0;
        }

        return written;
    }

    private bool IsNullText(ReadOnlySpan<byte> cell)
    {
        foreach (var text in nullTexts)
        {
            if (cell.SequenceEqual(text))
            {
                return true;
            }
        }

        return false;
    }
}
