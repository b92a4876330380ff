using Air.Orleans.Core.Jobs.Control;
using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Core.Jobs.Grains;

/// <summary>Knows all jobs, finds silos for them and watches them; its key is 0.</summary>
[Alias("air.core.IJobBookGrain")]
internal interface IJobBookGrain : IGrainWithIntegerKey
{
    /// <summary>Takes a job, whose code the cluster keeps already; the same submission may come again.</summary>
    [Alias("Submit"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<JobInfo> SubmitAsync(JobSubmission job);

    /// <summary>All jobs, the newest first.</summary>
    [Alias("List"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<JobInfo[]> ListAsync();

    /// <summary>A job when it has ended, or as it is after a few seconds; null where there is none of that name.</summary>
    [Alias("Watch"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<JobInfo?> WatchAsync(string name);

    /// <summary>A job is to end.</summary>
    [Alias("Stop"), ResponseTimeout(SharedWork.CallTimeout)]
    Task StopAsync(string name);

    /// <summary>Forgets a job that has ended, with its output.</summary>
    [Alias("Delete"), ResponseTimeout(SharedWork.CallTimeout)]
    Task DeleteAsync(string name);

    /// <summary>What a job wrote after a position; null where there is no such job.</summary>
    [Alias("Log"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<JobLogPage?> LogAsync(string name, JobLogPosition position);

    /// <summary>A silo tells of the processes of jobs that it runs or ran. Gives those ends that are written down.</summary>
    [Alias("Poke"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<JobReport[]> PokeAsync(SiloAddress silo, JobReport[] reports);
}
