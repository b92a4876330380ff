using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Runs.Grains;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Runs;

/// <summary>
/// Keeps runs alive with no client asking: pokes the book of runs every two seconds and whenever a silo comes or goes, so that what was
/// lost with its silo is activated elsewhere. Keeps the cluster's incarnation in this process's memory.
/// </summary>
internal sealed partial class RunKeeper(
    IGrainFactory grains,
    ILocalSiloDetails silo,
    ISiloStatusOracle membership,
    ILogger<RunKeeper> logger
) : ILifecycleParticipant<ISiloLifecycle>, ISiloStatusListener, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _changed = new(0, 1);
    private Task _poking = Task.CompletedTask;

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(
            nameof(RunKeeper),
            ServiceLifecycleStage.Active,
            _ =>
            {
                membership.SubscribeToSiloStatusEvents(this);
                _poking = Background.Start(KeepPokingAsync);
                return Task.CompletedTask;
            },
            async _ =>
            {
                membership.UnSubscribeFromSiloStatusEvents(this);
                await _stopping.CancelAsync();
                await _poking;
            }
        );

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (_changed.CurrentCount == 0)
        {
            try
            {
                _changed.Release();
            }
            catch (SemaphoreFullException)
            {
                // Another notification came at the same moment.
            }
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _changed.Dispose();
    }

    private async Task KeepPokingAsync()
    {
        var book = grains.GetGrain<IRunBookGrain>(0);
        string? incarnation = null;
        try
        {
            while (true)
            {
                try
                {
                    incarnation =
                        await book.PokeAsync(silo.SiloAddress, incarnation).WaitAsync(_stopping.Token) ?? incarnation;
                }
                catch (Exception error) when (error is not OperationCanceledException)
                {
                    LogNotHeard(error);
                }

                await _changed.WaitAsync(Interval, _stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    [LoggerMessage(1022, LogLevel.Debug, "The book of runs did not answer; it is poked again in two seconds.")]
    private partial void LogNotHeard(Exception error);
}
