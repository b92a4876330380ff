using Orleans.Runtime.Services;

namespace Air.Orleans.Core.Resources.Grains;

/// <summary>The way to the books of the silos, from a grain.</summary>
internal sealed class ResourceSiloClient(IServiceProvider services) : GrainServiceClient<IResourceSiloService>(services)
{
    public IResourceSiloService Of(SiloAddress silo) => GetGrainService(silo);
}
