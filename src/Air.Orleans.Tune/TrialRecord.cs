using System.Collections.Immutable;

namespace Air.Orleans.Tune;

/// <summary>What is known of one trial: its configuration, state and reports. Immutable: a change makes a new record.</summary>
public sealed record TrialRecord
{
    /// <summary>Gives the trial's number in the search, 0-based, in the order of suggestion.</summary>
    public required int Index { get; init; }

    /// <summary>Gives the parameters that this trial tries.</summary>
    public required Configuration Configuration { get; init; }

    /// <summary>Gives where the trial stands.</summary>
    /// <value><see cref="TrialState.Pending"/> until it is started.</value>
    public TrialState State { get; init; }

    /// <summary>Gives what was last decided about the trial.</summary>
    /// <value><see cref="Decision.Continue"/> until the first report.</value>
    public Decision Decision { get; init; } = Decision.Continue;

    /// <summary>Gives how often the trial failed.</summary>
    /// <value>0.</value>
    public int FailureCount { get; init; }

    /// <summary>Gives how often the trial gave its slot to one that it waited for, and went on later from its checkpoint.</summary>
    /// <value>0.</value>
    public int PauseCount { get; init; }

    /// <summary>Gives the number of the attempt that runs now or comes next, 0-based.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int Attempt => FailureCount + PauseCount;

    /// <summary>Gives the text of the latest failure, also of one that was retried.</summary>
    /// <value><see langword="null"/> when the trial never failed.</value>
    public string? Error { get; init; }

    /// <summary>
    /// Gives the reports by rising iteration. A trial that is restored from a checkpoint and repeats iterations replaces
    /// its reports from the repeated iteration on.
    /// </summary>
    public ImmutableList<TrialReport> Reports { get; init; } = [];

    /// <summary>Gives whether the trial needs no slot any more and never will.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool HasEnded => State is TrialState.Stopped or TrialState.Completed or TrialState.Failed;
}
