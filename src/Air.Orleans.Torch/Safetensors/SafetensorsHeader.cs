using System.Text.Json;

namespace Air.Orleans.Torch.Safetensors;

/// <summary>Reads and validates the JSON header of a safetensors file.</summary>
/// <remarks>
/// As strict as the format: every byte after the header belongs to exactly one tensor, so a damaged or hostile file is
/// refused before anything is read by its offsets.
/// </remarks>
internal sealed class SafetensorsHeader
{
    private SafetensorsHeader(SafetensorsEntry[] entries, Dictionary<string, string> metadata)
    {
        Entries = entries;
        Metadata = metadata;
    }

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    /// <summary>The file's map of strings; empty when it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Reads the header's JSON.</summary>
    /// <param name="json">The header, padding included.</param>
    /// <param name="dataBytes">How many bytes follow it.</param>
    /// <exception cref="FormatException">The header breaks the format; the message names the tensor.</exception>
    public static SafetensorsHeader Parse(ReadOnlyMemory<byte> json, long dataBytes)
    {
        if (json.Length == 0 || json.Span[0] != (byte)'{')
            throw new FormatException("The safetensors header does not begin with '{'. Is this a safetensors file?");
        try
        {
            using var document = JsonDocument.Parse(json);
            var entries = new List<SafetensorsEntry>();
            var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (!names.Add(property.Name))
                    throw new FormatException(
                        $"The safetensors header has '{property.Name}' twice; names must differ."
                    );
                if (property.Name == SafetensorsWriter.MetadataKey)
                    ReadMetadata(property.Value, metadata);
                else
                    entries.Add(ReadEntry(property.Name, property.Value, dataBytes));
            }

            return new SafetensorsHeader(CheckCovered(entries, dataBytes), metadata);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is no valid UTF-16, found when it is first asked for.
            throw new FormatException($"The safetensors header is not valid JSON: {exception.Message}", exception);
        }
    }

    private static void ReadMetadata(JsonElement value, Dictionary<string, string> metadata)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw new FormatException($"'__metadata__' must be an object of strings, but it is {value.ValueKind}.");
        foreach (var pair in value.EnumerateObject())
        {
            if (pair.Value.ValueKind != JsonValueKind.String)
                throw new FormatException(
                    $"'__metadata__' must hold strings, but '{pair.Name}' is {pair.Value.ValueKind}."
                );
            if (!metadata.TryAdd(pair.Name, pair.Value.GetString()!))
                throw new FormatException($"'__metadata__' has '{pair.Name}' twice; keys must differ.");
        }
    }

    private static SafetensorsEntry ReadEntry(string name, JsonElement value, long dataBytes)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw new FormatException(
                $"Tensor '{name}': its description must be an object, but it is {value.ValueKind}."
            );
        var typeName =
            value.TryGetProperty("dtype", out var dtype) && dtype.ValueKind == JsonValueKind.String
                ? dtype.GetString()
                : throw new FormatException($"Tensor '{name}': 'dtype' is missing or not a string.");
        var type =
            SafetensorsTypes.FromName(typeName)
            ?? throw new FormatException(
                $"Tensor '{name}': dtype '{typeName}' is not supported; it must be one of {SafetensorsTypes.AllNames}."
            );
        var shape = ReadNumbers(name, value, "shape");
        if (ReadNumbers(name, value, "data_offsets") is not [var begin, var end])
            throw new FormatException($"Tensor '{name}': 'data_offsets' must be two numbers, begin and end.");
        if (begin > end || end > dataBytes)
            throw new FormatException(
                $"Tensor '{name}': data_offsets [{begin}, {end}] must rise and lie within the file's {dataBytes} data "
                    + "bytes. The file is damaged or cut short."
            );
        var expected = SafetensorsShape.ByteCount(type, shape);
        if (expected != end - begin)
            throw new FormatException(
                $"Tensor '{name}': {typeName} of shape {SafetensorsShape.Text(shape)} takes "
                    + $"{expected?.ToString() ?? "more bytes than a file can have"}, but data_offsets [{begin}, {end}] "
                    + $"span {end - begin} bytes."
            );
        return new SafetensorsEntry(name, type, shape, begin, end - begin);
    }

    private static long[] ReadNumbers(string name, JsonElement value, string property)
    {
        if (!value.TryGetProperty(property, out var array) || array.ValueKind != JsonValueKind.Array)
            throw new FormatException($"Tensor '{name}': '{property}' is missing or not an array.");
        var numbers = new List<long>();
        foreach (var item in array.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out var number) || number < 0)
                throw new FormatException(
                    $"Tensor '{name}': '{property}' has '{item.GetRawText()}'; it must hold integers "
                        + "from 0 to 2^63 - 1."
                );
            numbers.Add(number);
        }

        return [.. numbers];
    }

    private static SafetensorsEntry[] CheckCovered(List<SafetensorsEntry> entries, long dataBytes)
    {
        SafetensorsEntry[] ordered =
        [
            .. entries
                .OrderBy(entry => entry.Offset)
                .ThenBy(entry => entry.ByteCount)
                .ThenBy(entry => entry.Name, StringComparer.Ordinal),
        ];
        var position = 0L;
        foreach (var entry in ordered)
        {
            if (entry.Offset != position)
                throw new FormatException(
                    $"Tensor '{entry.Name}' begins at byte {entry.Offset}, but the one before it ends at "
                        + $"byte {position}: "
                        + (entry.Offset < position ? "they overlap." : "the bytes between belong to no tensor.")
                );
            position += entry.ByteCount;
        }

        if (position != dataBytes)
            throw new FormatException(
                $"The safetensors file has {dataBytes} data bytes, but its tensors end at byte {position}."
            );
        return ordered;
    }
}
