namespace Air.Orleans.Core;

/// <summary>Finds the name that a misspelt one was most likely meant to be, for error messages.</summary>
internal static class NameSuggestion
{
    /// <summary>Gives " Did you mean 'x'?" where a candidate is close enough to <paramref name="name"/>, else "".</summary>
    public static string For(string name, IEnumerable<string> candidates)
    {
        var best = candidates
            .Select(candidate => (candidate, distance: Distance(name, candidate)))
            .Where(pair => pair.distance <= Math.Max(1, name.Length / 3))
            .OrderBy(pair => pair.distance)
            .Select(pair => pair.candidate)
            .FirstOrDefault();
        return best is null ? "" : $" Did you mean '{best}'?";
    }

    /// <summary>Gives the names in quotes, or "none".</summary>
    public static string List(IEnumerable<string> names)
    {
        var text = string.Join(", ", names.Select(static name => $"'{name}'"));
        return text.Length == 0 ? "none" : text;
    }

    /// <summary>Levenshtein's distance, upper and lower case being equal.</summary>
    private static int Distance(string left, string right)
    {
        var row = new int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var same = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]);
                var next = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (same ? 0 : 1));
                diagonal = row[j];
                row[j] = next;
            }
        }

        return row[right.Length];
    }
}
