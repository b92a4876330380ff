using System.Collections.Concurrent;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources.Grains;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Resources;

/// <summary>
/// Tells the ledger, at the silo's start and every second, what this silo has and which leases are held on it, so that a ledger
/// that was lost with its silo knows everything again a second after it stands elsewhere.
/// </summary>
internal sealed partial class SiloReporter(
    IGrainFactory grains,
    ILocalSiloDetails silo,
    AirOptions options,
    TimeProvider time,
    ILogger<SiloReporter> logger
) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, (ResourceSet Amount, int Holders)> _held = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _reporting = Task.CompletedTask;

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(
            nameof(SiloReporter),
            ServiceLifecycleStage.Active,
            async _ =>
            {
                await ReportAsync();
                _reporting = KeepReportingAsync();
            },
            async _ =>
            {
                await _stopping.CancelAsync();
                await _reporting;
            }
        );

    /// <summary>A piece of work under this lease has begun on this silo; several may share a lease.</summary>
    public void Hold(string leaseId, ResourceSet amount) =>
        _held.AddOrUpdate(leaseId, (amount, 1), static (_, held) => (held.Amount, held.Holders + 1));

    /// <summary>A piece of work under this lease has ended on this silo; the lease is held until the last has.</summary>
    public void Drop(string leaseId)
    {
        var left = _held.AddOrUpdate(
            leaseId,
            (new ResourceSet(), 0),
            static (_, held) => (held.Amount, held.Holders - 1)
        );
        if (left.Holders <= 0)
        {
            _held.TryRemove(new KeyValuePair<string, (ResourceSet, int)>(leaseId, left));
        }
    }

    public void Dispose() => _stopping.Dispose();

    private Task ReportAsync() =>
        grains
            .GetGrain<IResourceLedgerGrain>(0)
            .ReportAsync(
                new SiloReport(
                    silo.SiloAddress,
                    options.Resources,
                    _held.ToDictionary(static held => held.Key, static held => held.Value.Amount)
                )
            );

    private async Task KeepReportingAsync()
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                try
                {
                    await ReportAsync();
                }
                catch (Exception error) when (GrainCalls.IsTransient(error))
                {
                    LogLedgerLost(error);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    [LoggerMessage(1010, LogLevel.Debug, "The resource ledger did not answer; it is told again in a second.")]
    private partial void LogLedgerLost(Exception error);
}
