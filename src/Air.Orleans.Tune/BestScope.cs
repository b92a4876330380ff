using System.Text.Json.Serialization;

namespace Air.Orleans.Tune;

/// <summary>Which of a trial's reports stands for the trial when trials are compared.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BestScope>))]
public enum BestScope
{
    /// <summary>The last report: what the trial's final model is worth.</summary>
    Last,

    /// <summary>The best of all reports: what the trial's best checkpoint is worth.</summary>
    All,
}
