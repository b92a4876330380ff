namespace Air.Orleans.Kernels.Columns;

/// <summary>The rows to gather, in order. A type parameter, so that each kind of source gets its own machine code.</summary>
internal interface IRowSource
{
    int Count { get; }

    RowAddress this[int index] { get; }
}

/// <summary>Rows of one batch.</summary>
internal readonly ref struct TakenRows(ReadOnlySpan<int> rows) : IRowSource
{
    private readonly ReadOnlySpan<int> rows = rows;

    public int Count => rows.Length;

    public RowAddress this[int index] => new(0, rows[index]);
}

/// <summary>Rows of several batches.</summary>
internal readonly ref struct AddressedRows(ReadOnlySpan<RowAddress> rows) : IRowSource
{
    private readonly ReadOnlySpan<RowAddress> rows = rows;

    public int Count => rows.Length;

    public RowAddress this[int index] => rows[index];
}
