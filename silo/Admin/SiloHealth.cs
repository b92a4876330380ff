using Air.Orleans.Core;
using Air.Orleans.Core.Silos.Grains;
using Air.Orleans.Silo.Running;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Air.Orleans.Silo.Admin;

/// <summary>Whether the silo is alive, and whether work should be sent to it. Thread-safe.</summary>
internal sealed class SiloHealth(SiloCondition condition, TimeProvider time)
{
    /// <summary>A silo whose turns have not run for so long is stuck; one that is only busy answers sooner.</summary>
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan StoragePatience = TimeSpan.FromSeconds(3);
    private static readonly GrainId ProbeKey = GrainId.Create("air.silo.health", "probe");

    /// <summary>The process answers, and its silo, once it is up, answers a call to itself.</summary>
    public async Task<HealthReport> LiveAsync() =>
        HealthReport.Of("live", "stuck", new HealthCheck("process", true, Phase), await TurnsAsync());

    /// <summary>The silo is a member that takes work, and its storage answers.</summary>
    public async Task<HealthReport> ReadyAsync() =>
        HealthReport.Of(
            "ready",
            "not ready",
            new HealthCheck("phase", condition.Phase == SiloPhase.Up, Phase),
            Membership(),
            await StorageAsync()
        );

    private string Phase => condition.Phase.ToString().ToLowerInvariant();

    private async Task<HealthCheck> TurnsAsync()
    {
        const string Name = "turns";
        if (condition is not { Phase: SiloPhase.Up, Services: { } services })
        {
            return new HealthCheck(Name, true, $"not asked while {Phase}");
        }

        try
        {
            var silo = services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
            await services.GetRequiredService<SiloAgents>()[silo].DescribeAsync().WaitAsync(StuckAfter, time);
            return new HealthCheck(Name, true, "answered");
        }
        catch (TimeoutException)
        {
            return new HealthCheck(Name, false, $"the silo has not answered itself for {StuckAfter.TotalSeconds} s");
        }
        catch (Exception error) when (condition.Phase != SiloPhase.Up || error is OrleansException)
        {
            return new HealthCheck(Name, true, $"the silo is on its way out: {error.Message}");
        }
    }

    private HealthCheck Membership()
    {
        var status = condition.Services?.GetRequiredService<ISiloStatusOracle>().CurrentStatus ?? SiloStatus.None;
        return new HealthCheck(
            "membership",
            status == SiloStatus.Active,
            status == SiloStatus.None ? "the silo is no member" : $"the silo is {status}"
        );
    }

    private async Task<HealthCheck> StorageAsync()
    {
        const string Name = "storage";
        if (condition.Services is not { } services)
        {
            return new HealthCheck(Name, false, $"not asked while {Phase}");
        }

        try
        {
            var storage = services.GetRequiredKeyedService<IGrainStorage>(AirOptions.StorageName);
            await storage
                .ReadStateAsync("air.silo.health", ProbeKey, new GrainState<int>())
                .WaitAsync(StoragePatience, time);
            return new HealthCheck(Name, true, "answered");
        }
        catch (Exception error)
        {
            return new HealthCheck(Name, false, error is TimeoutException ? "no answer" : error.Message);
        }
    }
}
