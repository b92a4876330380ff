namespace Air.Orleans.Serve.Rows;

/// <summary>
/// The rows of one request, row after row, as plain cells: Arrow columns are made of them once for a whole batch of requests.
/// </summary>
/// <param name="Layout">The columns.</param>
/// <param name="RowCount">How many rows, at least 1.</param>
/// <param name="Numbers">Numbers, and 1 or 0 for true and false; of shape (rows, columns).</param>
/// <param name="Texts">Texts, of the same shape; null where no column is text.</param>
/// <param name="Present">1 for a value, else null or left out; of the same shape; null where every cell has a value.</param>
internal sealed record RowTable(RowLayout Layout, int RowCount, double[] Numbers, string?[]? Texts, byte[]? Present)
{
    public bool HasValue(int row, int column) =>
        Present is null || Present[(row * Layout.Width) + column] == RowDraft.Value;

    public double Number(int row, int column) => Numbers[(row * Layout.Width) + column];

    public string? Text(int row, int column) => Texts?[(row * Layout.Width) + column];
}
