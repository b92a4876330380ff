using System.Text.Json;
using System.Text.Json.Serialization;

namespace Air.Orleans.Train;

/// <summary>The parameters of a run as JSON: how they travel, and how a checkpoint keeps them.</summary>
internal static class ParametersJson
{
    private static readonly JsonSerializerOptions Shared = New();

    public static string Write<TParameters>(TParameters parameters) =>
        JsonSerializer.Serialize(parameters, OptionsFor<TParameters>());

    public static TParameters Read<TParameters>(string json) =>
        JsonSerializer.Deserialize<TParameters>(json, OptionsFor<TParameters>())
        ?? throw new FormatException($"The parameters of type {typeof(TParameters).Name} are null.");

    /// <summary>Options remember the types that they have seen, which would keep shipped code from being unloaded.</summary>
    private static JsonSerializerOptions OptionsFor<TParameters>() =>
        typeof(TParameters).IsCollectible ? New() : Shared;

    private static JsonSerializerOptions New() =>
        new()
        {
            WriteIndented = true,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            Converters = { new JsonStringEnumConverter() },
        };
}
