using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Air.Orleans.Data.Preprocessing;

/// <summary>The JSON of preprocessors: an object with "type", "version" and what that type keeps.</summary>
internal static class PreprocessorJson
{
    public static JsonSerializerOptions Options { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonObject Head(string type, int version) => new() { ["type"] = type, ["version"] = version };

    public static Preprocessor Read(JsonObject node)
    {
        var type = node["type"]!.GetValue<string>();
        var version = node["version"]!.GetValue<int>();
        if (version != 1)
        {
            throw new FormatException(
                $"The preprocessor '{type}' has version {version}; this program reads version 1. Use the version of Air.Orleans that wrote it."
            );
        }

        return type switch
        {
            StandardScaler.TypeName => StandardScaler.Read(node),
            Concatenator.TypeName => Concatenator.Read(node),
            Chain.TypeName => Chain.Read(node),
            _ => throw new FormatException($"There is no preprocessor '{type}'."),
        };
    }

    public static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(static text => (JsonNode)text)];

    public static string[] Texts(JsonNode? node) =>
        [.. node!.AsArray().Select(static item => item!.GetValue<string>())];
}
