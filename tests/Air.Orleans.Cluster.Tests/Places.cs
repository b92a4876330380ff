using Air.Orleans.Core;
using Air.Orleans.Core.Resilience;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Placement;

namespace Air.Orleans.Cluster.Tests;

/// <summary>On which silo processes grains are, and how to get them there.</summary>
internal static class Places
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>The silo process on which the grain is active; waits until it is anywhere.</summary>
    public static async Task<SiloProcess> OfAsync(this SiloProcesses silos, IAddressable grain)
    {
        var management = Grains(silos.Air).GetGrain<IManagementGrain>(0);
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            var address = await GrainCalls.RetryAsync(
                async () => await management.GetActivationAddress(grain),
                limit.Token
            );
            var found = silos.All.FirstOrDefault(silo => silo.SiloPort == address?.Endpoint.Port);
            if (found is { HasExited: false })
            {
                return found;
            }
        }
    }

    /// <summary>Has grains that are activated by this call come to the silo process.</summary>
    public static async Task<T> OnAsync<T>(this SiloProcess silo, IAirCluster air, Func<Task<T>> call)
    {
        RequestContext.Set(IPlacementDirector.PlacementHintKey, await AddressAsync(silo, air));
        try
        {
            return await call();
        }
        finally
        {
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }
    }

    private static async Task<SiloAddress> AddressAsync(SiloProcess silo, IAirCluster air)
    {
        var hosts = await Grains(air).GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true);
        return hosts.Keys.Single(address => address.Endpoint.Port == silo.SiloPort);
    }

    private static IGrainFactory Grains(IAirCluster air) => air.Services.GetRequiredService<IGrainFactory>();
}
