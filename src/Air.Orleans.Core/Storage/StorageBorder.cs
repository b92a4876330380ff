namespace Air.Orleans.Core.Storage;

/// <summary>What must be known of a storage to keep its errors and outages from its callers.</summary>
/// <param name="Place">Where it is, for errors; without secrets.</param>
/// <param name="FaultOf">What an error of its client library says.</param>
internal sealed record StorageBorder(string Place, Func<Exception, StorageFault> FaultOf)
{
    /// <summary>How long an outage may last before callers get an error: below the 30 s of a grain call.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How long the storage may take to answer one small request.</summary>
    public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What each MiB adds to that.</summary>
    public TimeSpan AnswerLimitPerMegabyte { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How keys are written there.</summary>
    public Func<string, GrainId, (string StateName, GrainId GrainId)> KeyOf { get; init; } =
        static (stateName, grainId) => (stateName, grainId);
}
