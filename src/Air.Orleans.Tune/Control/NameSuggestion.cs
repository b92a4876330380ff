namespace Air.Orleans.Tune;

/// <summary>Finds the known name that a misspelt one was meant to be, for error texts.</summary>
internal static class NameSuggestion
{
    /// <summary>Gives " Did you mean 'x'?" for the nearest name, or an empty text when none is near.</summary>
    public static string For(string name, IEnumerable<string> known)
    {
        var limit = Math.Max(2, name.Length / 3);
        var nearest = known
            .Select(candidate => (Name: candidate, Distance: Distance(name, candidate)))
            .Where(candidate => candidate.Distance <= limit && candidate.Distance < candidate.Name.Length)
            .OrderBy(candidate => candidate.Distance)
            .ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .Select(candidate => candidate.Name)
            .FirstOrDefault();
        return nearest is null ? "" : $" Did you mean '{nearest}'?";
    }

    /// <summary>Gives the names in quotes, or "none".</summary>
    public static string List(IEnumerable<string> names)
    {
        var text = string.Join(", ", names.Select(name => $"'{name}'"));
        return text.Length == 0 ? "none" : text;
    }

    // Levenshtein's edit distance, blind to case.
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var same = char.ToUpperInvariant(left[i - 1]) == char.ToUpperInvariant(right[j - 1]);
                var replaced = diagonal + (same ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[right.Length];
    }
}
