using Air.Orleans.Core;

namespace Air.Orleans.WebApp.Web;

/// <summary>A run as the interface gives it.</summary>
internal sealed record RunView(
    string Name,
    string Kind,
    string State,
    string Detail,
    string? Error,
    DateTimeOffset CreatedAt
)
{
    public static RunView Of(RunInfo run) =>
        new(run.Name, run.Kind.ToString(), run.State.ToString(), run.Detail, run.Error, run.CreatedAt);
}

/// <summary>What is known of a checkpoint without reading it.</summary>
internal sealed record CheckpointView(string Id, IReadOnlyDictionary<string, double> Metrics);

/// <summary>A run with its checkpoints.</summary>
internal sealed record RunDetails(RunView Run, IReadOnlyList<CheckpointView> Checkpoints);

/// <summary>A change of a run that is followed.</summary>
internal sealed record RunEvent(string State, string Detail, bool IsAway, bool HasEnded);
