using Air.Orleans.Kernels.Csv;

namespace Air.Orleans.Data;

/// <summary>How a CSV file is read. Immutable.</summary>
public sealed record CsvOptions
{
    /// <summary>What stands between cells: one ASCII character.</summary>
    /// <value>A comma.</value>
    public char Delimiter { get; init; } = ',';

    /// <summary>Whether the first line names the columns; otherwise they are "column_0", "column_1", ...</summary>
    /// <value>true.</value>
    public bool HasHeader { get; init; } = true;

    /// <summary>
    /// The types of columns by name, in place of those inferred. Without one, a column has the narrowest of Boolean, Int64,
    /// Double and String that fits its cells in the first 4 MB of the file; empty cells are null and fit all; a column
    /// without any value is Double.
    /// </summary>
    /// <value>None.</value>
    public IReadOnlyDictionary<string, CsvColumnType> Types { get; init; } = new Dictionary<string, CsvColumnType>();

    /// <summary>About how many bytes of the file become one block.</summary>
    /// <value>4 MB.</value>
    public int BlockSizeBytes { get; init; } = 4 << 20;
}
