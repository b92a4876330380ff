using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources;
using Orleans.Concurrency;

namespace Air.Orleans.Core.Silos.Grains;

/// <inheritdoc cref="ISiloGateGrain"/>
[GrainType("air.core.silo-gate"), StatelessWorker, Reentrant]
internal sealed class SiloGateGrain(SiloAgents agents, IManagementView membership, TimeProvider time)
    : Grain,
        ISiloGateGrain
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    public async Task<SiloDescription[]> DescribeAsync()
    {
        var active = await membership.ActiveSilosAsync();
        var described = await Task.WhenAll(active.Select(DescribeAsync));
        return [.. described.OfType<SiloDescription>().OrderBy(static silo => silo.Address, StringComparer.Ordinal)];
    }

    public async Task<bool> StopAsync(string address)
    {
        if (await FindAsync(address) is not { } silo)
        {
            return true;
        }

        try
        {
            await agents[silo].StopAsync();
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            // It is on its way out, or dead: the membership will say so.
        }

        var deadline = time.GetUtcNow() + Patience;
        while (time.GetUtcNow() < deadline)
        {
            if (!(await membership.ActiveSilosAsync()).Contains(silo))
            {
                return true;
            }

            await Task.Delay(Look, time);
        }

        return false;
    }

    private async Task<SiloAddress?> FindAsync(string address) =>
        (await membership.ActiveSilosAsync()).FirstOrDefault(silo =>
            silo.ToParsableString() == address || silo.Endpoint.ToString() == address
        );

    private async Task<SiloDescription?> DescribeAsync(SiloAddress silo)
    {
        try
        {
            return await agents[silo].DescribeAsync();
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            return null;
        }
    }
}
