using Air.Orleans.Core.Resilience;
using Orleans.Services;

namespace Air.Orleans.Core.Silos.Grains;

/// <summary>Speaks for one silo; addressed by silo, not by key.</summary>
[Alias("air.core.ISiloAgent")]
internal interface ISiloAgent : IGrainService
{
    /// <summary>What the silo tells of itself.</summary>
    [Alias("Describe"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<SiloDescription> DescribeAsync();

    /// <summary>Begins to stop the silo's host.</summary>
    [Alias("Stop"), ResponseTimeout(SharedWork.CallTimeout)]
    Task StopAsync();
}
