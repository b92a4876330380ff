using System.Text.Json.Nodes;

namespace Air.Orleans.Tune;

/// <summary>Makes a trial's parameters where their .NET type is not known: as JSON over JSON.</summary>
internal static class TrialParameters
{
    /// <summary>Gives the baseline with the configuration's values in it.</summary>
    /// <param name="baselineJson">The parameters to vary, a JSON object.</param>
    /// <param name="jsonNames">The name in JSON of each property that is searched.</param>
    /// <param name="configuration">Property name to value.</param>
    public static string Overlay(
        string baselineJson,
        IReadOnlyDictionary<string, string> jsonNames,
        Configuration configuration
    )
    {
        var parameters =
            JsonNode.Parse(baselineJson) as JsonObject
            ?? throw new ArgumentException($"The parameters are no JSON object: {baselineJson}", nameof(baselineJson));
        foreach (var (name, value) in configuration.Values)
        {
            parameters[jsonNames[name]] = JsonNode.Parse(value.GetRawText());
        }

        return parameters.ToJsonString();
    }
}
