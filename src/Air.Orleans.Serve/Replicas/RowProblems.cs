using Air.Orleans.Serve.Http;
using Air.Orleans.Serve.Rows;

namespace Air.Orleans.Serve.Replicas;

/// <summary>Says what a preprocessor or model could not take of a request's rows, in terms of those rows.</summary>
internal static class RowProblems
{
    /// <summary>Of the columns: every row has them alike, so the first row stands for all.</summary>
    public static Problem OfColumns(AirException error) => Problem.InvalidRows($"Row 0: {error.Message}");

    public static Problem Of(Exception error, RowTable rows) =>
        error is AirException
            ? Problem.InvalidRows(MissingValue(error.Message, rows) + error.Message)
            : Problem.ModelFailed($"The model failed on the rows: {error.GetType().Name}: {error.Message}");

    /// <summary>The row and column of the missing value that the error is about; "" where it is about something else.</summary>
    private static string MissingValue(string message, RowTable rows)
    {
        var names = rows.Layout.Names;
        for (var column = 0; rows.Present is not null && column < names.Length; column++)
        {
            for (var row = 0; row < rows.RowCount && message.Contains($"'{names[column]}'"); row++)
            {
                if (!rows.HasValue(row, column))
                {
                    return $"Row {row} has no value for '{names[column]}'.{Suggestion(rows, row, column)} ";
                }
            }
        }

        return "";
    }

    /// <summary>A property that this row has and another row lacks may be the missing one, misspelt.</summary>
    private static string Suggestion(RowTable rows, int row, int missing)
    {
        var names = rows.Layout.Names;
        var candidates = Enumerable
            .Range(0, names.Length)
            .Where(column =>
                rows.HasValue(row, column)
                && Enumerable.Range(0, rows.RowCount).Any(other => !rows.HasValue(other, column))
            );
        return NameSuggestion.For(names[missing], candidates.Select(column => names[column]));
    }
}
