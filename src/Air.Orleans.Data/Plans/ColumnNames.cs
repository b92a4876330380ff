namespace Air.Orleans.Data.Plans;

/// <summary>Says which column is missing, from what, and which was meant.</summary>
internal static class ColumnNames
{
    /// <exception cref="DatasetException">One of the names is no column of the schema.</exception>
    public static void Require(Schema schema, IEnumerable<string> names, string where)
    {
        foreach (var name in names)
        {
            if (schema.GetFieldIndex(name) < 0)
            {
                throw Missing(schema, name, where);
            }
        }
    }

    public static DatasetException Missing(Schema schema, string name, string where)
    {
        var columns = schema.FieldsList.Select(static field => field.Name).ToList();
        var list = string.Join(", ", columns.Take(40).Select(static column => $"'{column}'"));
        var more = columns.Count > 40 ? $", and {columns.Count - 40} more" : "";
        return new DatasetException(
            $"{where}: column '{name}' is not in the rows (columns: {list}{more}).{NameSuggestion.For(name, columns)}"
        );
    }
}
