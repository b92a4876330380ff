using Air.Orleans.Data.Plans;
using Apache.Arrow.Types;

namespace Air.Orleans.Data.Preprocessing;

/// <summary>Which columns a preprocessor works on, found and checked against a schema.</summary>
internal static class NumericColumns
{
    /// <summary>The columns named, or every numeric column that is not excluded where none are named.</summary>
    /// <exception cref="DatasetException">A column is missing, or is named and not numeric.</exception>
    public static string[] Choose(
        Schema schema,
        IReadOnlyList<string> named,
        IReadOnlyList<string> excluded,
        string where
    )
    {
        ColumnNames.Require(schema, excluded, $"{where}.Exclude");
        if (named.Count == 0)
        {
            return
            [
                .. schema
                    .FieldsList.Where(field => IsNumeric(field.DataType) && !excluded.Contains(field.Name))
                    .Select(static field => field.Name),
            ];
        }

        Require(schema, named, where);
        return [.. named.Where(name => !excluded.Contains(name))];
    }

    /// <exception cref="DatasetException">A column is missing or not numeric.</exception>
    public static void Require(Schema schema, IEnumerable<string> names, string where)
    {
        foreach (var name in names)
        {
            ColumnNames.Require(schema, [name], where);
            var type = schema.GetFieldByName(name).DataType;
            if (!IsNumeric(type))
            {
                throw new DatasetException(
                    $"{where}: column '{name}' is {type.Name}; a numeric column is needed. "
                        + "Leave it out, or read it as a number (CsvOptions.Types)."
                );
            }
        }
    }

    private static bool IsNumeric(IArrowType type) =>
        type.TypeId
            is ArrowTypeId.Int8
                or ArrowTypeId.Int16
                or ArrowTypeId.Int32
                or ArrowTypeId.Int64
                or ArrowTypeId.UInt8
                or ArrowTypeId.UInt16
                or ArrowTypeId.UInt32
                or ArrowTypeId.UInt64
                or ArrowTypeId.Float
                or ArrowTypeId.Double;
}
