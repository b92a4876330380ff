using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Core.Silos.Grains;

/// <summary>The way of a client to each silo's agent; any silo passes the question on.</summary>
[Alias("air.core.ISiloGateGrain")]
internal interface ISiloGateGrain : IGrainWithIntegerKey
{
    /// <summary>What each silo that is up tells of itself.</summary>
    [Alias("Describe"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<SiloDescription[]> DescribeAsync();

    /// <summary>Tells a silo to stop and waits a few seconds; whether it has left the cluster.</summary>
    [Alias("Stop"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<bool> StopAsync(string address);
}
