using Air.Orleans.Core.Jobs.Control;
using Air.Orleans.Core.Resilience;
using Orleans.Runtime.Services;
using Orleans.Services;

namespace Air.Orleans.Core.Jobs.Grains;

/// <summary>Starts and stops the processes of jobs on one silo; addressed by silo.</summary>
[Alias("air.core.IJobAgent")]
internal interface IJobAgent : IGrainService
{
    /// <summary>Begins an attempt; one that has begun already goes on. Gives whether it has: a silo that drains begins none.</summary>
    [Alias("Start"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<bool> StartAsync(JobSubmission job, int attempt);

    /// <summary>Asks the attempt's process to end, and kills it when it does not.</summary>
    [Alias("Stop"), ResponseTimeout(SharedWork.CallTimeout)]
    Task StopAsync(string name, int attempt);
}

/// <summary>The agents of the silos, by address.</summary>
internal sealed class JobAgents(IServiceProvider services) : GrainServiceClient<IJobAgent>(services)
{
    public IJobAgent this[SiloAddress silo] => GetGrainService(silo);
}
