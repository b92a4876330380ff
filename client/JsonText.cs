using System.Text.Json;
using System.Text.Json.Serialization;

namespace Air.Orleans.CommandLine;

/// <summary>What <c>--json</c> prints: camel case, indented, NaN and infinity by name.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    public static string Of<T>(T value) => JsonSerializer.Serialize(value, Options);
}
