using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Runs.Control;

namespace Air.Orleans.Core.Runs.Grains;

/// <summary>What the book of runs needs of a grain that carries runs, be it one or many.</summary>
[Alias("air.core.IListedRunGrain")]
internal interface IListedRunGrain : IGrain
{
    /// <summary>Where the run stands; null where it never began. Being called wakes a run whose silo was lost.</summary>
    [Alias("Wake"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<RunReading?> WakeAsync(string name);

    /// <summary>Stops the run; false where it has not ended yet: ask again.</summary>
    [Alias("StopListed"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<bool> StopListedAsync(string name, string reason);

    /// <summary>Forgets a run that has ended, so that its name is free; and its checkpoints, where that is told. May be called again.</summary>
    [Alias("ForgetListed"), ResponseTimeout("00:01:00")]
    Task ForgetListedAsync(string name, bool checkpoints);
}
