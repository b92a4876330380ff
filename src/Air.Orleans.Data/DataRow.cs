using System.Globalization;
using Air.Orleans.Data.Plans;

namespace Air.Orleans.Data;

/// <summary>One row of a batch: a view, valid as long as its batch. Boolean, integer, floating-point, text and vector columns.</summary>
public readonly struct DataRow
{
    private readonly RecordBatch _batch;
    private readonly int _row;

    internal DataRow(RecordBatch batch, int row)
    {
        _batch = batch;
        _row = row;
    }

    /// <summary>The names of the columns, in order.</summary>
    public IEnumerable<string> Columns => _batch.Schema.FieldsList.Select(static column => column.Name);

    /// <summary>
    /// The value of a column: null, or a bool, long, double, string or float[] (smaller numbers come widened).
    /// </summary>
    /// <exception cref="DatasetException">There is no such column.</exception>
    /// <exception cref="NotSupportedException">The column's type is none of these.</exception>
    public object? this[string column] => Value(Column(column), _row);

    /// <summary>Whether the value of a column is null.</summary>
    /// <exception cref="DatasetException">There is no such column.</exception>
    public bool IsNull(string column) => Column(column).IsNull(_row);

    /// <summary>The value of a column as <typeparamref name="T"/>, numbers converted.</summary>
    /// <exception cref="DatasetException">There is no such column, or the value is null.</exception>
    /// <exception cref="InvalidCastException">The value is no <typeparamref name="T"/>.</exception>
    public T Get<T>(string column)
    {
        var value =
            this[column]
            ?? throw new DatasetException(
                $"Column '{column}' is null in this row. Ask DataRow.IsNull before, or fill the nulls."
            );
        return value is T typed ? typed : (T)Convert.ChangeType(value, typeof(T), CultureInfo.InvariantCulture);
    }

    /// <summary>Such as "{age: 29, name: Ada}".</summary>
    public override string ToString()
    {
        var row = this;
        return "{" + string.Join(", ", Columns.Select(name => $"{name}: {Format(row[name])}")) + "}";
    }

    internal static string Format(object? value) =>
        value switch
        {
            null => "null",
            double number => number.ToString("G7", CultureInfo.InvariantCulture),
            float[] vector => $"[{string.Join(", ", vector.Take(4).Select(static x => x.ToString("G4")))}"
                + (vector.Length > 4 ? $", ... {vector.Length} in all]" : "]"),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };

    private IArrowArray Column(string name)
    {
        var index = _batch.Schema.GetFieldIndex(name);
        return index >= 0 ? _batch.Column(index) : throw ColumnNames.Missing(_batch.Schema, name, "DataRow");
    }

    private static object? Value(IArrowArray column, int row) =>
        column.IsNull(row)
            ? null
            : column switch
            {
                BooleanArray array => array.GetValue(row),
                Int8Array array => (long?)array.GetValue(row),
                Int16Array array => (long?)array.GetValue(row),
                Int32Array array => (long?)array.GetValue(row),
                Int64Array array => array.GetValue(row),
                UInt8Array array => (long?)array.GetValue(row),
                UInt16Array array => (long?)array.GetValue(row),
                UInt32Array array => (long?)array.GetValue(row),
                FloatArray array => (double?)array.GetValue(row),
                DoubleArray array => array.GetValue(row),
                StringArray array => array.GetString(row),
                FixedSizeListArray array => Vector(array, row),
                _ => throw new NotSupportedException($"A value of type {column.Data.DataType.Name} cannot be shown."),
            };

    private static float[] Vector(FixedSizeListArray array, int row)
    {
        var values = array.GetSlicedValues(row);
        return values switch
        {
            FloatArray floats => floats.Values.ToArray(),
            DoubleArray doubles => [.. doubles.Values.ToArray().Select(static x => (float)x)],
            _ => throw new NotSupportedException($"A list of {values.Data.DataType.Name} cannot be shown."),
        };
    }
}
