namespace Air.Orleans.Kernels.Csv;

/// <summary>
/// Gives how a CSV file is written: its separators, its header, and the texts that stand for a missing value.
/// </summary>
/// <remarks>
/// The grammar is RFC 4180 read strictly: a quoted cell begins and ends with <see cref="Quote"/>, a quote inside it is
/// doubled, and an unquoted cell holds no quote. Records end with <c>\n</c> or <c>\r\n</c>; the last one may end with the
/// file. Empty lines are no records. The text is UTF-8, with or without a byte order mark. Immutable, hence thread-safe.
/// </remarks>
public sealed record CsvFormat
{
    /// <summary>Gets the format of RFC 4180: commas, double quotes, a header line, empty cells are null.</summary>
    public static CsvFormat Default { get; } = new();

    /// <summary>Gets the byte between two cells.</summary>
    /// <value>A comma by default. Any ASCII byte but a line end and <see cref="Quote"/>.</value>
    public byte Delimiter { get; init; } = (byte)',';

    /// <summary>Gets the byte around a quoted cell, or null when quotes are ordinary text.</summary>
    /// <value>A double quote by default.</value>
    public byte? Quote { get; init; } = (byte)'"';

    /// <summary>Gets whether the first record names the columns.</summary>
    /// <value>True by default. When false the columns are called <c>column_0</c>, <c>column_1</c>, and so on.</value>
    public bool HasHeader { get; init; } = true;

    /// <summary>Gets further texts that stand for null when a whole unquoted cell equals one of them, byte for byte.</summary>
    /// <value>
    /// Empty by default: only an empty cell is null. An unquoted empty cell is null always; a quoted empty cell is the empty
    /// text in a String column and null in any other.
    /// </value>
    public IReadOnlyList<string> NullTexts { get; init; } = [];

    /// <summary>Checks that the separators can be told apart.</summary>
    /// <exception cref="ArgumentException">The delimiter, the quote and the line ends are not distinct ASCII bytes.</exception>
    public void Validate()
    {
        if (Delimiter is (byte)'\n' or (byte)'\r' or 0 or > 127)
        {
            throw new ArgumentException(
                $"CsvFormat.Delimiter is 0x{Delimiter:X2}: it must be an ASCII byte other than a line end. Choose ',' or ';' or a tab."
            );
        }

        if (Quote is (byte)'\n' or (byte)'\r' or 0 or > 127 || Quote == Delimiter)
        {
            throw new ArgumentException(
                $"CsvFormat.Quote is 0x{Quote:X2}: it must be an ASCII byte other than a line end and the delimiter. "
                    + "Choose '\"', or null when cells are never quoted."
            );
        }
    }
}
