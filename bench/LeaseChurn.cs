using System.Collections.Concurrent;
using Air.Orleans.Core;
using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Benchmarks;

/// <summary>Takes and frees leases, and counts what it holds on each silo: never more than the silo has.</summary>
internal sealed class LeaseChurn(AirCluster air, FaultLog log)
{
    /// <summary>What each silo offers: CPUs for the quick start, slots for the churn.</summary>
    public const string Resources = "CPU=2,GPU=0,slot=4";

    private const int SlotsOfASilo = 4;
    private const int AtATime = 8;
    private static readonly TimeSpan GrantLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FreeLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<SiloAddress, int> _held = [];
    private int _granted;
    private int _refused;

    public int Granted => _granted;

    public int Refused => _refused;

    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, AtATime).Select(_ => LoopAsync(cancellationToken)));

    /// <summary>Waits until the silos have all that they declared.</summary>
    public async Task CheckAllFreeAsync(AirCluster asked)
    {
        using var limit = new CancellationTokenSource(FreeLimit);
        while (true)
        {
            var report = await asked.Resources.DescribeAsync(CancellationToken.None);
            if (report.Silos.All(static silo => silo.Declared.ToString() == silo.Free.ToString()))
            {
                return;
            }

            if (limit.IsCancellationRequested)
            {
                var leases = string.Join("; ", report.Leases.Select(static lease => lease.ToString()));
                log.Fail($"leases were not freed after {FreeLimit.TotalSeconds} s: {leases}");
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), CancellationToken.None);
        }
    }

    private async Task LoopAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var reserving = air.Resources.ReserveAsync(Request(), cancellationToken: CancellationToken.None);
                if (await Task.WhenAny(reserving, Task.Delay(GrantLimit * 2, CancellationToken.None)) != reserving)
                {
                    log.Fail($"a lease has no answer after {GrantLimit.TotalSeconds * 2} s");
                    return;
                }

                await using var group = await reserving;
                Interlocked.Increment(ref _granted);
                var held = group.Bundles.Select(static bundle => bundle.Silo).OfType<SiloAddress>().ToList();
                held.ForEach(Hold);
                await Task.Delay(Pause, CancellationToken.None);
                held.ForEach(silo => _held.AddOrUpdate(silo, 0, static (_, slots) => slots - 1));
            }
            catch (Exception error) when (error is ResourceException || GrainCalls.IsTransient(error))
            {
                Interlocked.Increment(ref _refused);
                log.Say($"a lease was refused: {error.Message}");
            }
            catch (Exception error)
            {
                log.Fail($"a lease: {error}");
            }
        }
    }

    private void Hold(SiloAddress silo)
    {
        var slots = _held.AddOrUpdate(silo, 1, static (_, slots) => slots + 1);
        if (slots > SlotsOfASilo)
        {
            log.Fail($"{slots} slots of silo {silo} are held, which has {SlotsOfASilo}.");
        }
    }

    private static PlacementRequest Request() =>
        new()
        {
            Bundles =
            [
                .. Enumerable.Repeat(
                    new Bundle
                    {
                        Resources = new ResourceSet { Custom = new Dictionary<string, double> { ["slot"] = 1 } },
                    },
                    2
                ),
            ],
            Strategy = PlacementGroupStrategy.Spread,
            Timeout = GrantLimit,
            Purpose = "churn",
        };
}
