using Spectre.Console;

namespace Air.Orleans.CommandLine;

/// <summary>Prints rows as a table: with lines on a terminal, plain where the output goes elsewhere.</summary>
internal static class Tables
{
    /// <summary>Where nobody looks at a terminal, a row is a line.</summary>
    private const int WideEnough = 1000;

    public static void Print<T>(
        string title,
        IReadOnlyCollection<T> rows,
        string none,
        params (string Name, Func<T, string> Cell)[] columns
    )
    {
        if (rows.Count == 0)
        {
            Console.Out.WriteLine(none);
            return;
        }

        var table = new Table { Border = Console.IsOutputRedirected ? TableBorder.None : TableBorder.Simple };
        foreach (var (name, _) in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(name)));
        }

        foreach (var row in rows)
        {
            table.AddRow([.. columns.Select(column => Markup.Escape(column.Cell(row)))]);
        }

        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = WideEnough;
        }

        AnsiConsole.MarkupLine($"[bold]{Markup.Escape(title)}[/]");
        AnsiConsole.Write(table);
    }

    /// <summary>Such as "3.2 GB".</summary>
    public static string Bytes(double bytes)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB"];
        var unit = 0;
        while (bytes >= 1000 && unit < units.Length - 1)
        {
            bytes /= 1000;
            unit++;
        }

        return FormattableString.Invariant($"{bytes:0.#} {units[unit]}");
    }

    /// <summary>Such as "2 h 5 min", from then to now.</summary>
    public static string Since(DateTimeOffset then)
    {
        var span = TimeProvider.System.GetUtcNow() - then;
        return span switch
        {
            { TotalSeconds: < 60 } => $"{Math.Max(0, span.TotalSeconds):0} s",
            { TotalMinutes: < 60 } => $"{span.TotalMinutes:0} min",
            { TotalHours: < 24 } => $"{(int)span.TotalHours} h {span.Minutes} min",
            _ => $"{(int)span.TotalDays} d {span.Hours} h",
        };
    }
}
