namespace Air.Orleans.Kernels.Csv;

/// <summary>Says where a CSV file breaks its format, and what to do about it.</summary>
public sealed class CsvException : FormatException
{
    /// <summary>Makes an error about one place in a file.</summary>
    /// <param name="message">What was found, what must hold, where, what to do.</param>
    /// <param name="file">The file's name.</param>
    /// <param name="lineNumber">The 1-based physical line of the record or cell.</param>
    /// <param name="columnName">The column's name, or null when the error is not about one column.</param>
    public CsvException(string message, string file, long lineNumber, string? columnName = null)
        : base(message)
    {
        File = file;
        LineNumber = lineNumber;
        ColumnName = columnName;
    }

    /// <summary>Gets the file's name, as it was given to the reader.</summary>
    public string File { get; }

    /// <summary>Gets the 1-based physical line on which the record or cell begins.</summary>
    public long LineNumber { get; }

    /// <summary>Gets the column's name, or null when the error is not about one column.</summary>
    public string? ColumnName { get; }
}
