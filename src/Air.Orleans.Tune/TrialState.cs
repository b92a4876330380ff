using System.Text.Json.Serialization;

namespace Air.Orleans.Tune;

/// <summary>Where a trial stands.</summary>
[GenerateSerializer, Alias("air.tune.TrialState")]
[JsonConverter(typeof(JsonStringEnumConverter<TrialState>))]
public enum TrialState
{
    /// <summary>It has a configuration and waits for a slot; after a failure that is retried, once more.</summary>
    Pending,

    /// <summary>It holds a slot. It stays in this state until its end is recorded, also after a stop decision.</summary>
    Running,

    /// <summary>The scheduler stopped it early; <see cref="TrialRecord.Decision"/> says why.</summary>
    Stopped,

    /// <summary>It ended by itself, or had the scheduler's whole budget of iterations.</summary>
    Completed,

    /// <summary>It failed more often than <see cref="TuneConfig.MaxFailures"/> allows; the error is recorded.</summary>
    Failed,
}
