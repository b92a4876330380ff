using Air.Orleans.Cluster.Tests;
using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Benchmarks;

/// <summary>
/// Kills silos and starts others in their place, or stops them and lets them go on; which, when and for how long comes from the seed alone.
/// One silo is away at a time.
/// </summary>
internal sealed class FaultSchedule(SiloProcesses silos, int seed, FaultLog log)
{
    private static readonly TimeSpan BackLimit = TimeSpan.FromSeconds(90);

    private readonly Random _random = new(seed);

    public int Kills { get; private set; }

    public int Stops { get; private set; }

    /// <summary>How many stopped silos were declared dead and ended themselves.</summary>
    public int Fenced { get; private set; }

    /// <summary>Goes on until it is told to end; then all silos are back.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var pause = TimeSpan.FromSeconds(1 + (7 * _random.NextDouble()));
            var index = _random.Next(silos.All.Count);
            var isKill = _random.NextDouble() < 0.6;
            var away = TimeSpan.FromSeconds((isKill ? 4 : 20) * _random.NextDouble());
            try
            {
                await Task.Delay(pause, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var silo = silos.All[index];
            if (isKill)
            {
                Kills++;
                log.Say($"kill -9 of silo {silo.SiloPort}");
                silo.Kill();
                await Task.Delay(away, CancellationToken.None);
                await ReplaceAsync(silo);
            }
            else
            {
                Stops++;
                log.Say($"SIGSTOP of silo {silo.SiloPort} for {away.TotalSeconds:F1} s");
                await silo.FreezeAsync();
                await Task.Delay(away, CancellationToken.None);
                await silo.ThawAsync();
                await BackAsync(silo);
            }
        }
    }

    /// <summary>A silo that goes on is a member still and answers, or was declared dead and ends itself.</summary>
    private async Task BackAsync(SiloProcess silo)
    {
        using var limit = new CancellationTokenSource(BackLimit);
        while (!silo.HasExited)
        {
            if (await IsMemberAsync(silo))
            {
                log.Say($"silo {silo.SiloPort} goes on");
                return;
            }

            if (limit.IsCancellationRequested)
            {
                log.Fail($"silo {silo.SiloPort} was declared dead and goes on. Its output:\n{silo.Output}");
                silo.Kill();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), CancellationToken.None);
        }

        Fenced++;
        log.Say($"silo {silo.SiloPort} was declared dead and has ended itself");
        await ReplaceAsync(silo);
    }

    private async Task<bool> IsMemberAsync(SiloProcess silo)
    {
        var management = silos.Air.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        try
        {
            var hosts = await management.GetHosts(onlyActive: true);
            var address = hosts.Keys.FirstOrDefault(host => host.Endpoint.Port == silo.SiloPort);
            return address is not null && (await management.GetRuntimeStatistics([address])).Length == 1;
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            return false;
        }
    }

    private async Task ReplaceAsync(SiloProcess silo)
    {
        var index = silos.All.ToList().IndexOf(silo);
        await silos.RestartAsync(silo);
        log.Say($"silo {silos.All[index].SiloPort} is up");
    }
}
