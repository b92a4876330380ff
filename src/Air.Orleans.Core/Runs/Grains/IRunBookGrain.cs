using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Runs.Control;

namespace Air.Orleans.Core.Runs.Grains;

/// <summary>The one book of all train runs, tune runs and deployments; its key is 0. Every call may come again.</summary>
[Alias("air.core.IRunBookGrain")]
internal interface IRunBookGrain : IGrainWithIntegerKey
{
    /// <summary>A run is asked for; told before it begins, so that none runs unlisted.</summary>
    [Alias("Begin"), ResponseTimeout(SharedWork.CallTimeout)]
    Task BeginAsync(RunKind kind, string name, GrainId grain);

    /// <summary>A run says where it stands. Not needed for every change, as the book asks by itself.</summary>
    [Alias("Note"), ResponseTimeout(SharedWork.CallTimeout)]
    Task NoteAsync(RunKind kind, string name, RunReading reading);

    /// <summary>All runs, those that changed last first.</summary>
    [Alias("List"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<RunEntry[]> ListAsync();

    /// <summary>The run as soon as it has ended or is interrupted, or as it stands after a few seconds; null where there is none.</summary>
    [Alias("Watch"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<RunInfo?> WatchAsync(RunKind kind, string name);

    /// <summary>An interrupted run goes on; nothing where it goes on already or has ended.</summary>
    [Alias("Resume"), ResponseTimeout(SharedWork.CallTimeout)]
    Task ResumeAsync(RunKind kind, string name);

    /// <summary>The run as it says itself, where it goes on; null where there is none.</summary>
    [Alias("Refresh"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<RunEntry?> RefreshAsync(RunKind kind, string name);

    /// <summary>Takes a run out of the book.</summary>
    [Alias("Remove"), ResponseTimeout(SharedWork.CallTimeout)]
    Task RemoveAsync(RunKind kind, string name);

    /// <summary>
    /// A silo is there. It tells the incarnation of the cluster that it knows, null where none, and hears the present one: null where that
    /// is not decided yet. Wakes runs that were lost.
    /// </summary>
    [Alias("Poke"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<string?> PokeAsync(SiloAddress silo, string? incarnation);
}
