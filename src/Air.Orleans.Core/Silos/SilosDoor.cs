using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Silos.Grains;

namespace Air.Orleans.Core;

/// <summary>The silos of a cluster: <c>air.Silos</c>. Thread-safe.</summary>
public sealed class SilosDoor
{
    private readonly ISiloGateGrain _gate;

    internal SilosDoor(IAirCluster cluster) =>
        _gate = cluster.Services.GetRequiredService<IGrainFactory>().GetGrain<ISiloGateGrain>(0);

    /// <summary>The silos that are up, in the order of their addresses. A silo that is lost while it is asked is left out.</summary>
    public async Task<IReadOnlyList<SiloDescription>> ListAsync(CancellationToken cancellationToken = default) =>
        await GrainCalls.RetryAsync(_gate.DescribeAsync, cancellationToken);

    /// <summary>
    /// Asks a silo to stop: its grains move on, its work is told to end, its leases are given back. Ends when the silo has left the
    /// cluster. Asking for a silo that is gone does nothing.
    /// </summary>
    /// <param name="address">Its address as <see cref="ListAsync"/> gives it, or "host:port" without the generation.</param>
    /// <param name="cancellationToken">Ends the waiting; the silo stops all the same.</param>
    /// <exception cref="AirException">The silo is embedded in a program of its own, which alone may end it.</exception>
    public async Task StopAsync(string address, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(address);
        while (!await GrainCalls.RetryAsync(() => _gate.StopAsync(address), cancellationToken))
        {
            // It has been told and has not left yet; each call waits a little.
        }
    }
}
