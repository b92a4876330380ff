using System.Runtime.CompilerServices;

namespace Air.Orleans.Kernels.Csv;

/// <summary>
/// Follows quotes and line ends through a text, 64 bytes at a time. One implementation for the scanner and the parser, so
/// that both agree on where a record ends and which lines are empty.
/// </summary>
internal struct RecordEnds
{
    private readonly byte quote;
    private readonly bool quoted;
    private ulong history;
    private byte lastByte;

    public RecordEnds(CsvFormat format)
    {
        quoted = format.Quote is not null;
        quote = format.Quote.GetValueOrDefault();
        // Before the first byte stands, as it were, the end of a record: an empty line at the start is empty too.
        history = 2;
    }

    /// <summary>All ones when the next byte is inside quotes, else zero.</summary>
    public ulong Inside { get; private set; }

    /// <summary>The quotes among the last 64 bytes.</summary>
    public ulong Quotes { get; private set; }

    /// <summary>
    /// Reads 64 bytes. Gives the bytes inside quotes, the line ends that end a record or an empty line, and of these the
    /// ones that end an empty line. <paramref name="lineFeeds"/> is the mask of all line ends, quoted ones too.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Read(ref byte text, ulong lineFeeds, out ulong inside, out ulong ends, out ulong blank)
    {
        inside = Inside;
        if (quoted)
        {
            Quotes = ByteMask.Of(ref text, quote);
            if (Quotes != 0)
            {
                inside ^= ByteMask.PrefixXor(Quotes);
                Inside = (ulong)((long)inside >> 63);
            }
        }

        ends = lineFeeds & ~inside;
        blank = ends & ((ends << 1) | (history >> 1));
        var two = ends & ((ends << 2) | history);
        if (two != 0)
        {
            var returns = ByteMask.Of(ref text, (byte)'\r');
            blank |= two & ((returns << 1) | (lastByte == (byte)'\r' ? 1UL : 0UL));
        }

        history = ends >> 62;
        lastByte = Unsafe.Add(ref text, ByteMask.Width - 1);
    }
}
