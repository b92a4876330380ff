namespace Air.Orleans.Kernels.Csv;

/// <summary>What an empty line is: nothing, or one carriage return, before a line end.</summary>
internal static class BlankLine
{
    /// <summary>Gives the length of the empty line that begins at <paramref name="at"/>, or 0 when there is none.</summary>
    public static int LengthAt(ReadOnlySpan<byte> text, int at)
    {
        if (text[at] == (byte)'\n')
        {
            return 1;
        }

        return text[at] == (byte)'\r' && at + 1 < text.Length && text[at + 1] == (byte)'\n' ? 2 : 0;
    }

    /// <summary>Gives the number of line ends in a text, that is, how many lines further its end stands.</summary>
    public static long LineEnds(ReadOnlySpan<byte> text) => text.Count((byte)'\n');
}
