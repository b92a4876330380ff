using System.Text;

namespace Air.Orleans.Core.Jobs;

/// <summary>Reads the lines of a program's output, and never holds more of one than is kept of it: the rest is passed over.</summary>
internal static class LogLines
{
    private const int BufferChars = 4096;

    /// <summary>The lines, without their ends, each cut at <paramref name="longest"/> characters.</summary>
    public static async IAsyncEnumerable<string> ReadAsync(TextReader reader, int longest)
    {
        var buffer = new char[BufferChars];
        var line = new StringBuilder();
        var isOpen = false;
        while (await reader.ReadAsync(buffer) is > 0 and var count)
        {
            for (var from = 0; from < count; )
            {
                var end = Array.IndexOf(buffer, '\n', from, count - from);
                var until = end < 0 ? count : end;
                line.Append(buffer, from, Math.Min(until - from, longest - line.Length));
                isOpen = end < 0;
                if (!isOpen)
                {
                    yield return Take(line);
                }

                from = until + 1;
            }
        }

        if (isOpen)
        {
            yield return Take(line);
        }
    }

    private static string Take(StringBuilder line)
    {
        var text = line.ToString();
        line.Clear();
        return text.EndsWith('\r') ? text[..^1] : text;
    }
}
