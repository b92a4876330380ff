using Orleans.Runtime.Services;

namespace Air.Orleans.Core.Silos.Grains;

/// <summary>The agents of the silos, by address.</summary>
internal sealed class SiloAgents(IServiceProvider services) : GrainServiceClient<ISiloAgent>(services)
{
    public ISiloAgent this[SiloAddress silo] => GetGrainService(silo);
}
