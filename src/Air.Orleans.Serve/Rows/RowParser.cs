using System.Text.Json;
using Air.Orleans.Serve.Http;

namespace Air.Orleans.Serve.Rows;

/// <summary>
/// Reads rows from JSON: one object, an array of objects, or {"rows": [...]}. A property is a number, text, true, false or null.
/// </summary>
internal static class RowParser
{
    private const int LongestName = 1024;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <exception cref="ProblemException">The body is not JSON, or not rows.</exception>
    /// <exception cref="AirException">The model cannot take the columns.</exception>
    public static RowTable Parse(ReadOnlySpan<byte> body, RowLayouts layouts)
    {
        if (body.StartsWith(ByteOrderMark))
        {
            body = body[ByteOrderMark.Length..];
        }

        var draft = new RowDraft(layouts.Latest);
        var reader = new Utf8JsonReader(body);
        try
        {
            ReadBody(ref reader, draft);
        }
        catch (JsonException error)
        {
            throw new ProblemException(
                Problem.MalformedJson(
                    body.IsEmpty
                        ? "The body is empty. Send one row as an object, or several as an array of objects."
                        : $"Line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}: the body is not valid JSON."
                )
            );
        }
        catch (InvalidOperationException)
        {
            throw new ProblemException(
                Problem.MalformedJson($"Near byte {reader.TokenStartIndex + 1}: the text is not valid UTF-8.")
            );
        }

        return draft.RowCount > 0
            ? draft.Finish(layouts)
            : throw new ProblemException(Problem.InvalidRows("There are no rows; send at least one."));
    }

    private static void ReadBody(ref Utf8JsonReader reader, RowDraft draft)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray:
                ReadRows(ref reader, draft);
                break;
            case JsonTokenType.StartObject:
                ReadObject(ref reader, draft);
                break;
            default:
                throw new ProblemException(
                    Problem.MalformedJson(
                        $"The body is {Called(reader.TokenType)}; it must be an object (one row), an array of objects, or "
                            + "{\"rows\": [...]}."
                    )
                );
        }

        // Reads on to the end, where anything but white space is an error.
        reader.Read();
    }

    /// <summary>An object is one row, or holds "rows".</summary>
    private static void ReadObject(ref Utf8JsonReader reader, RowDraft draft)
    {
        var ahead = reader;
        ahead.Read();
        if (ahead.TokenType == JsonTokenType.PropertyName && ahead.ValueTextEquals("rows"u8))
        {
            ahead.Read();
            if (ahead.TokenType == JsonTokenType.StartArray)
            {
                ReadRows(ref ahead, draft);
                ahead.Read();
                if (ahead.TokenType != JsonTokenType.EndObject)
                {
                    throw new ProblemException(
                        Problem.InvalidRows("Beside \"rows\" there may be nothing else in the body.")
                    );
                }

                reader = ahead;
                return;
            }
        }

        ReadRow(ref reader, draft);
    }

    private static void ReadRows(ref Utf8JsonReader reader, RowDraft draft)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new ProblemException(
                    Problem.InvalidRows(
                        $"Row {draft.RowCount} is {Called(reader.TokenType)}; a row is an object, such as "
                            + "{\"age\": 29, \"fare\": 8.05}."
                    )
                );
            }

            ReadRow(ref reader, draft);
        }
    }

    private static void ReadRow(ref Utf8JsonReader reader, RowDraft draft)
    {
        draft.BeginRow();
        var next = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueSpan.Length > LongestName)
            {
                throw new ProblemException(
                    Problem.InvalidRows(
                        $"Row {draft.RowCount - 1} has a property whose name has {reader.ValueSpan.Length} bytes; "
                            + $"it may have {LongestName}."
                    )
                );
            }

            var column = draft.Column(ref reader, next);
            next = column + 1;
            reader.Read();
            ReadValue(ref reader, draft, column);
        }
    }

    private static void ReadValue(ref Utf8JsonReader reader, RowDraft draft, int column)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Number:
                var number = reader.GetDouble();
                if (!double.IsFinite(number))
                {
                    throw Unfit(draft, column, "is a number outside of the range of Double");
                }

                draft.SetNumber(column, number);
                break;
            case JsonTokenType.String:
                draft.SetText(column, reader.GetString()!);
                break;
            case JsonTokenType.True or JsonTokenType.False:
                draft.SetBoolean(column, reader.TokenType == JsonTokenType.True);
                break;
            case JsonTokenType.Null:
                draft.SetNull(column);
                break;
            default:
                throw Unfit(
                    draft,
                    column,
                    $"is {Called(reader.TokenType)}; it must be a number, text, true, false or null"
                );
        }
    }

    private static ProblemException Unfit(RowDraft draft, int column, string what) =>
        new(Problem.InvalidRows($"Row {draft.RowCount - 1}, '{draft.Name(column)}' {what}."));

    private static string Called(JsonTokenType token) =>
        token switch
        {
            JsonTokenType.StartObject => "an object",
            JsonTokenType.StartArray => "an array",
            JsonTokenType.String => "text",
            JsonTokenType.Number => "a number",
            JsonTokenType.True or JsonTokenType.False => "a truth value",
            _ => "null",
        };
}
