using System.Text.Json.Serialization;

namespace Air.Orleans.Tune;

/// <summary>What a trial shall do after a report.</summary>
[GenerateSerializer, Alias("air.tune.DecisionKind")]
[JsonConverter(typeof(JsonStringEnumConverter<DecisionKind>))]
public enum DecisionKind
{
    /// <summary>Go on with the next iteration.</summary>
    Continue,

    /// <summary>End now.</summary>
    Stop,

    /// <summary>Keep the slot, do nothing and report nothing until the decision is made.</summary>
    Wait,
}
