using System.Runtime.CompilerServices;

namespace Air.Orleans.Kernels.Csv;

/// <summary>The cells of one column in a block of records.</summary>
internal readonly ref struct CellBlock(
    ReadOnlySpan<byte> text,
    ReadOnlySpan<int> positions,
    int columns,
    int column,
    int rows,
    bool isUtf8
)
{
    private readonly ReadOnlySpan<int> positions = positions;

    /// <summary>The whole text the block is part of.</summary>
    public ReadOnlySpan<byte> Text { get; } = text;

    /// <summary>How many records to read.</summary>
    public int Rows { get; } = rows;

    /// <summary>Whether the whole text is known to be valid UTF-8.</summary>
    public bool IsUtf8 { get; } = isUtf8;

    /// <summary>Gives where a cell begins and ends; its quotes are part of it, the line end is not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Find(int row, out int start, out int end)
    {
        var cell = (row * columns) + column;
        start = positions[cell] + 1;
        end = positions[cell + 1];
        if (column == 0)
        {
            while (start < end && BlankLine.LengthAt(Text, start) is > 0 and var skipped)
            {
                start += skipped;
            }
        }

        if (column == columns - 1 && end > start && Text[end - 1] == (byte)'\r')
        {
            end--;
        }
    }

    /// <summary>Gives a cell's bytes.</summary>
    public ReadOnlySpan<byte> Cell(int row)
    {
        Find(row, out var start, out var end);
        return Text[start..end];
    }
}
