using Air.Orleans.Core.Resilience;
using Orleans.Runtime.Services;
using Orleans.Services;

namespace Air.Orleans.Core.Shipping.Grains;

/// <summary>Says what code one silo has of itself; addressed by silo.</summary>
[Alias("air.core.ICodeAgent")]
internal interface ICodeAgent : IGrainService
{
    /// <summary>Whether the silo has all of these builds without a bundle.</summary>
    [Alias("Has"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<bool> HasAsync(CodeBuild[] builds);
}

/// <summary>The agents of the silos, by address.</summary>
internal sealed class CodeAgents(IServiceProvider services) : GrainServiceClient<ICodeAgent>(services)
{
    public ICodeAgent this[SiloAddress silo] => GetGrainService(silo);
}
