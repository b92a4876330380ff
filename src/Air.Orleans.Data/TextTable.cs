using System.Text;

namespace Air.Orleans.Data;

/// <summary>Rows as text, in columns as wide as their cells; wide tables show their first columns.</summary>
internal static class TextTable
{
    private const int WidestCell = 24;
    private const int MostColumns = 12;

    public static string Of(Schema schema, IReadOnlyList<DataRow> rows)
    {
        var names = schema.FieldsList.Select(static field => field.Name).Take(MostColumns).ToList();
        var lines = new List<string[]> { names.Select(Cut).ToArray() };
        lines.AddRange(rows.Select(row => names.Select(name => Cut(DataRow.Format(row[name]))).ToArray()));
        var widths = names.Select((_, i) => lines.Max(line => line[i].Length)).ToList();
        var text = new StringBuilder();
        foreach (var line in lines)
        {
            text.AppendJoin("  ", line.Select((cell, i) => cell.PadLeft(widths[i])));
            text.Append(Environment.NewLine);
        }

        var hidden = schema.FieldsList.Count - names.Count;
        return hidden > 0
            ? text.Append($"({hidden} more columns)").Append(Environment.NewLine).ToString()
            : text.ToString();
    }

    private static string Cut(string cell) =>
        cell.Length <= WidestCell ? cell : string.Concat(cell.AsSpan(0, WidestCell - 1), "…");
}
