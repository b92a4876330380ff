using System.Buffers;
using System.Text.Json;
using Apache.Arrow.Types;

namespace Air.Orleans.Serve.Rows;

/// <summary>
/// Writes predictions as JSON, {"predictions": [...]}: of one column its values, of several an object for each row. A vector is an
/// array. JSON has no NaN and no infinity: they are null. Not thread-safe.
/// </summary>
internal sealed class AnswerWriter : IDisposable
{
    private static readonly JsonEncodedText Predictions = JsonEncodedText.Encode("predictions");

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _json;

    // What it writes is built by itself from typed columns, hence well-formed.
    public AnswerWriter() => _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true });

    /// <exception cref="NotSupportedException">A column's type has no place in JSON.</exception>
    public byte[] Write(RecordBatch predictions, int firstRow, int count)
    {
        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
        _json.WriteStartObject();
        _json.WriteStartArray(Predictions);
        for (var row = firstRow; row < firstRow + count; row++)
        {
            WriteRow(predictions, row);
        }

        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.Flush();
        return _buffer.WrittenSpan.ToArray();
    }

    public void Dispose() => _json.Dispose();

    private void WriteRow(RecordBatch predictions, int row)
    {
        if (predictions.ColumnCount == 1)
        {
            WriteValue(predictions.Column(0), row);
            return;
        }

        _json.WriteStartObject();
        for (var column = 0; column < predictions.ColumnCount; column++)
        {
            _json.WritePropertyName(predictions.Schema.GetFieldByIndex(column).Name);
            WriteValue(predictions.Column(column), row);
        }

        _json.WriteEndObject();
    }

    private void WriteValue(IArrowArray column, int row)
    {
        if (column.IsNull(row))
        {
            _json.WriteNullValue();
            return;
        }

        switch (column)
        {
            case FloatArray floats:
                WriteFloat(floats.Values[row]);
                break;
            case DoubleArray doubles:
                WriteDouble(doubles.Values[row]);
                break;
            case BooleanArray booleans:
                _json.WriteBooleanValue(booleans.GetValue(row)!.Value);
                break;
            case StringArray texts:
                _json.WriteStringValue(texts.GetString(row));
                break;
            case UInt64Array large:
                _json.WriteNumberValue(large.Values[row]);
                break;
            case FixedSizeListArray list:
                WriteList(list, row);
                break;
            default:
                _json.WriteNumberValue(Integer(column, row));
                break;
        }
    }

    private void WriteList(FixedSizeListArray list, int row)
    {
        var size = ((FixedSizeListType)list.Data.DataType).ListSize;
        var first = (list.Offset + row) * size;
        _json.WriteStartArray();
        for (var item = first; item < first + size; item++)
        {
            WriteValue(list.Values, item);
        }

        _json.WriteEndArray();
    }

    private void WriteFloat(float value)
    {
        if (float.IsFinite(value))
        {
            _json.WriteNumberValue(value);
        }
        else
        {
            _json.WriteNullValue();
        }
    }

    private void WriteDouble(double value)
    {
        if (double.IsFinite(value))
        {
            _json.WriteNumberValue(value);
        }
        else
        {
            _json.WriteNullValue();
        }
    }

    private static long Integer(IArrowArray column, int row) =>
        column switch
        {
            Int8Array values => values.Values[row],
            Int16Array values => values.Values[row],
            Int32Array values => values.Values[row],
            Int64Array values => values.Values[row],
            UInt8Array values => values.Values[row],
            UInt16Array values => values.Values[row],
            UInt32Array values => values.Values[row],
            _ => throw new NotSupportedException(
                $"A prediction of type {column.Data.DataType.Name} cannot be written as JSON."
            ),
        };
}
