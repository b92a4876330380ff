using System.Text;

namespace Air.Orleans.Kernels.Tests.Csv;

/// <summary>A record as the plain character loop sees it: its line and its cells, null for an unquoted empty cell.</summary>
internal sealed record NaiveRecord(long Line, IReadOnlyList<string?> Cells);

/// <summary>A CSV reader of one character at a time: slow, and easy to see through.</summary>
internal static class NaiveCsv
{
    public static List<NaiveRecord> Read(string text)
    {
        var records = new List<NaiveRecord>();
        var line = 1L;
        var at = text.StartsWith('\uFEFF') ? 1 : 0;
        while (at < text.Length)
        {
            if (text[at] == '\n' || text.AsSpan(at) is ['\r', '\n', ..])
            {
                at += text[at] == '\n' ? 1 : 2;
                line++;
                continue;
            }

            var first = line;
            var cells = new List<string?>();
            while (true)
            {
                cells.Add(Cell(text, ref at, ref line));
                if (at < text.Length && text[at] == ',')
                {
                    at++;
                    continue;
                }

                break;
            }

            at += at < text.Length && text[at] == '\r' ? 1 : 0;
            if (at < text.Length)
            {
                Assert.Equal('\n', text[at++]);
                line++;
            }

            records.Add(new NaiveRecord(first, cells));
        }

        return records;
    }

    private static string? Cell(string text, ref int at, ref long line)
    {
        var cell = new StringBuilder();
        if (at < text.Length && text[at] == '"')
        {
            for (at++; ; at++)
            {
                if (text[at] == '"')
                {
                    if (at + 1 == text.Length || text[at + 1] != '"')
                    {
                        at++;
                        return cell.ToString();
                    }

                    at++;
                }

                line += text[at] == '\n' ? 1 : 0;
                cell.Append(text[at]);
            }
        }

        while (at < text.Length && text[at] is not (',' or '\n' or '\r'))
        {
            cell.Append(text[at++]);
        }

        return cell.Length == 0 ? null : cell.ToString();
    }
}
