using System.Text.Json;
using System.Text.Json.Serialization;

namespace Air.Orleans.Train;

/// <summary>The parameters of a run as JSON: how they travel, and how a checkpoint keeps them.</summary>
internal static class ParametersJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    public static string Write<TParameters>(TParameters parameters) => JsonSerializer.Serialize(parameters, Options);

    public static TParameters Read<TParameters>(string json) =>
        JsonSerializer.Deserialize<TParameters>(json, Options)
        ?? throw new FormatException($"The parameters of type {typeof(TParameters).Name} are null.");
}
