using System.Text.Json;
using System.Text.Json.Serialization;

namespace Air.Orleans.Tune;

/// <summary>Writes a <see cref="Configuration"/> as a JSON object and reads it in the order written.</summary>
internal sealed class ConfigurationConverter : JsonConverter<Configuration>
{
    public override Configuration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException(
                $"A configuration is a JSON object, but a {document.RootElement.ValueKind} was found."
            );
        }

        return new Configuration(
            document
                .RootElement.EnumerateObject()
                .Select(property => KeyValuePair.Create(property.Name, property.Value))
        );
    }

    public override void Write(Utf8JsonWriter writer, Configuration value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, element) in value.Values)
        {
            writer.WritePropertyName(name);
            element.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}
