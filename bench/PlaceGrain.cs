using Orleans.Placement;

namespace Air.Orleans.Benchmarks;

/// <summary>Says on which silo it stands.</summary>
[Alias("air.bench.IPlaceGrain")]
public interface IPlaceGrain : IGrainWithStringKey
{
    [Alias("SiloPort")]
    Task<int> SiloPortAsync();
}

/// <inheritdoc cref="IPlaceGrain"/>
[RandomPlacement]
public sealed class PlaceGrain(ILocalSiloDetails silo) : Grain, IPlaceGrain
{
    public Task<int> SiloPortAsync() => Task.FromResult(silo.SiloAddress.Endpoint.Port);
}
