using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Air.Orleans.Kernels.Csv;

/// <summary>
/// Finds the cells of a piece of CSV text, a block of whole records at a time, small enough that the text and its index
/// are still in the cache when the columns are read one after the other.
/// </summary>
internal ref struct CellIndex
{
    private const int BlockBytes = 32 * 1024;

    private readonly ReadOnlySpan<byte> text;
    private readonly int columns;
    private readonly byte delimiter;
    private RecordEnds recordEnds;

    // positions[0] is the separator before the block's first cell, positions[k + 1] the one after its k-th cell.
    private int[] positions;
    private int count;
    private int lines;
    private int scanned;
    private bool complete;

    public CellIndex(ReadOnlySpan<byte> text, CsvFormat format, int columns)
    {
        this.text = text;
        this.columns = columns;
        delimiter = format.Delimiter;
        recordEnds = new RecordEnds(format);
        positions = ArrayPool<int>.Shared.Rent(columns + BlockBytes + (2 * ByteMask.Width));
        positions[0] = -1;
    }

    /// <summary>How many whole records the block holds.</summary>
    public int Rows { get; private set; }

    /// <summary>Whether the record after the block's last one has another number of cells; then no block follows.</summary>
    public bool IsRagged { get; private set; }

    /// <summary>Whether the text ended inside quotes.</summary>
    public readonly bool IsOpen => complete && recordEnds.Inside != 0;

    /// <summary>The separators: the cell of row r and column c ends at [r * columns + c + 1] and begins after the one before.</summary>
    public readonly ReadOnlySpan<int> Positions => positions.AsSpan(0, (Rows * columns) + 1);

    /// <summary>Gives back the index's memory.</summary>
    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(positions);
        positions = [];
    }

    /// <summary>Finds the next block. Gives false at the end of the text.</summary>
    public bool MoveNext()
    {
        if (IsRagged)
        {
            return false;
        }

        var used = Rows * columns;
        positions.AsSpan(used, count - used + 1).CopyTo(positions);
        count -= used;
        lines -= Rows;
        Rows = 0;
        do
        {
            ReadBlock();
        } while (count < columns && lines == 0 && !complete);

        Rows = WholeRows();
        IsRagged |= IsOpen;
        return Rows > 0 || IsRagged;
    }

    /// <summary>Gives where the record after the block begins, empty lines skipped.</summary>
    public readonly int NextRecordStart()
    {
        var at = positions[Rows * columns] + 1;
        while (at < text.Length && BlankLine.LengthAt(text, at) is > 0 and var skipped)
        {
            at += skipped;
        }

        return at;
    }

    /// <summary>Counts the cells of the record after the block.</summary>
    public readonly long CountNextCells(byte? quote)
    {
        var cells = 1L;
        var inside = false;
        for (var at = NextRecordStart(); at < text.Length && (inside || text[at] != (byte)'\n'); at++)
        {
            inside ^= text[at] == quote;
            cells += !inside && text[at] == delimiter ? 1 : 0;
        }

        return cells;
    }

    private void ReadBlock()
    {
        if (complete)
        {
            return;
        }

        ref var start = ref MemoryMarshal.GetReference(text);
        var stop = (int)Math.Min((long)scanned + BlockBytes, text.Length);
        for (; scanned + ByteMask.Width <= stop; scanned += ByteMask.Width)
        {
            ReadChunk(ref Unsafe.Add(ref start, scanned));
        }

        if (stop < text.Length)
        {
            return;
        }

        if (scanned < text.Length)
        {
            Span<byte> last = stackalloc byte[ByteMask.Width];
            last.Clear();
            text[scanned..].CopyTo(last);
            ReadChunk(ref MemoryMarshal.GetReference(last));
            scanned = text.Length;
        }

        complete = true;
        if (EndsWithinRecord())
        {
            positions[++count] = text.Length;
            lines++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ReadChunk(ref byte chunk)
    {
        var lineFeeds = ByteMask.Of(ref chunk, (byte)'\n');
        var delimiters = ByteMask.Of(ref chunk, delimiter);
        recordEnds.Read(ref chunk, lineFeeds, out var inside, out var ends, out var blank);
        ends &= ~blank;
        lines += BitOperations.PopCount(ends);
        var bits = (delimiters & ~inside) | ends;
        var found = BitOperations.PopCount(bits);
        ref var next = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(positions), count + 1);
        // Eight at a time without a branch between them: what is written beyond `found` is overwritten later.
        for (var written = 0; written < found; written += 8)
        {
            for (var i = 0; i < 8; i++)
            {
                Unsafe.Add(ref next, written + i) = scanned + BitOperations.TrailingZeroCount(bits);
                bits &= bits - 1;
            }
        }

        count += found;
    }

    private readonly bool EndsWithinRecord()
    {
        if (text.IsEmpty || recordEnds.Inside != 0)
        {
            return false;
        }

        return text[^1] switch
        {
            (byte)'\n' => false,
            (byte)'\r' => text.Length > 1 && text[^2] != (byte)'\n',
            _ => true,
        };
    }

    private readonly bool IsLineEnd(int position) => position == text.Length || text[position] == (byte)'\n';

    private int WholeRows()
    {
        var rows = count / columns;
        var regular = rows == lines;
        for (var row = 1; row <= rows && regular; row++)
        {
            regular = IsLineEnd(positions[row * columns]);
        }

        if (regular)
        {
            return rows;
        }

        IsRagged = true;
        for (var row = 0; row < rows; row++)
        {
            for (var cell = 1; cell <= columns; cell++)
            {
                if (IsLineEnd(positions[(row * columns) + cell]) != (cell == columns))
                {
                    return row;
                }
            }
        }

        return rows;
    }
}
