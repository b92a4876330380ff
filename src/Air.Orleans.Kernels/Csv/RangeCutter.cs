using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Air.Orleans.Kernels.Csv;

/// <summary>Cuts a stream of bytes into ranges of whole records, and counts records and lines meanwhile.</summary>
internal sealed class RangeCutter
{
    private readonly int target;
    private readonly string file;
    private readonly Queue<CsvRange> ranges = new();
    private RecordEnds recordEnds;
    private long position;
    private long line;
    private long rangeStart;
    private long rangeLine;
    private long rows;
    private long openLine;
    private byte lastByte;

    public RangeCutter(CsvHeader header, CsvFormat format, int target, string file)
    {
        this.target = target;
        this.file = file;
        recordEnds = new RecordEnds(format);
        position = rangeStart = RecordStart = header.DataOffset;
        line = rangeLine = RecordLine = header.DataLineNumber;
    }

    /// <summary>The first byte of the record that has not ended yet.</summary>
    public long RecordStart { get; private set; }

    /// <summary>The line of <see cref="RecordStart"/>.</summary>
    public long RecordLine { get; private set; }

    /// <summary>Whether the bytes so far end inside quotes.</summary>
    public bool IsOpen => recordEnds.Inside != 0;

    /// <summary>The line of the last quote that opened, by parity.</summary>
    public long OpenLine => openLine;

    /// <summary>Takes a range that is ready.</summary>
    public bool TryTake(out CsvRange range) => ranges.TryDequeue(out range);

    /// <summary>Reads on. All pieces but the last have a length that is a multiple of 64.</summary>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        ref var start = ref MemoryMarshal.GetReference(bytes);
        var at = 0;
        for (; at + ByteMask.Width <= bytes.Length; at += ByteMask.Width)
        {
            ReadChunk(ref Unsafe.Add(ref start, at));
            position += ByteMask.Width;
        }

        if (at < bytes.Length)
        {
            Span<byte> last = stackalloc byte[ByteMask.Width];
            last.Clear();
            bytes[at..].CopyTo(last);
            ReadChunk(ref MemoryMarshal.GetReference(last));
            position += bytes.Length - at;
        }

        lastByte = bytes[^1];
        if (position - rangeStart > Array.MaxLength)
        {
            throw CsvErrors.TooLong(file, RecordLine, Array.MaxLength - target);
        }
    }

    /// <summary>Ends the last range at the end of the file. The file must not end inside quotes.</summary>
    public void Complete()
    {
        var rest = position - RecordStart;
        var isRecord = rest > 1 || (rest == 1 && lastByte != (byte)'\r');
        rows += isRecord ? 1 : 0;
        Cut(position, line);
    }

    private void Cut(long end, long endLine)
    {
        if (rows > 0)
        {
            ranges.Enqueue(new CsvRange(rangeStart, (int)(end - rangeStart), rangeLine, rows));
        }

        rangeStart = end;
        rangeLine = endLine;
        rows = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ReadChunk(ref byte chunk)
    {
        var lineFeeds = ByteMask.Of(ref chunk, (byte)'\n');
        recordEnds.Read(ref chunk, lineFeeds, out _, out var ends, out var blank);
        if (recordEnds.Inside != 0 && recordEnds.Quotes != 0)
        {
            openLine = line + LinesBefore(lineFeeds, 63 - BitOperations.LeadingZeroCount(recordEnds.Quotes));
        }

        if (ends != 0)
        {
            if (position + ByteMask.Width - rangeStart < target)
            {
                rows += BitOperations.PopCount(ends & ~blank);
                EndRecord(lineFeeds, 63 - BitOperations.LeadingZeroCount(ends));
            }
            else
            {
                CutChunk(lineFeeds, ends, blank);
            }
        }

        line += BitOperations.PopCount(lineFeeds);
    }

    private void CutChunk(ulong lineFeeds, ulong ends, ulong blank)
    {
        for (; ends != 0; ends &= ends - 1)
        {
            var bit = BitOperations.TrailingZeroCount(ends);
            rows += (long)(~blank >> bit) & 1;
            EndRecord(lineFeeds, bit);
            if (rows > 0 && RecordStart - rangeStart >= target)
            {
                Cut(RecordStart, RecordLine);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EndRecord(ulong lineFeeds, int bit)
    {
        RecordStart = position + bit + 1;
        RecordLine = line + LinesBefore(lineFeeds, bit) + 1;
    }

    private static int LinesBefore(ulong lineFeeds, int bit) => BitOperations.PopCount(lineFeeds & ((1UL << bit) - 1));
}
