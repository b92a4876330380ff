using System.Text.Json.Serialization;

namespace Air.Orleans.Tune;

/// <summary>Which direction of a metric is better.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Mode>))]
public enum Mode
{
    /// <summary>Smaller is better, as for a loss.</summary>
    Min,

    /// <summary>Larger is better, as for an accuracy.</summary>
    Max,
}
