using Air.Orleans.Core.Resources;

namespace Air.Orleans.Core.Placement;

/// <summary>
/// Gives back the leases on this silo that no grain uses; and all of them at once, in one word to the ledger, before the silo's grains end
/// because it stops.
/// </summary>
internal sealed class SiloLeases(LeaseBoard board, LeaseKeeper keeper, ILocalSiloDetails silo, TimeProvider time)
    : ILifecycleParticipant<ISiloLifecycle>,
        IDisposable
{
    /// <summary>Longer than an activation may take to come.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(35);

    private readonly CancellationTokenSource _stopping = new();
    private Task _sweeping = Task.CompletedTask;

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(
            nameof(SiloLeases),
            ServiceLifecycleStage.Active + 1,
            _ =>
            {
                _sweeping = SweepAsync();
                return Task.CompletedTask;
            },
            async _ =>
            {
                await _stopping.CancelAsync();
                await _sweeping;
                if (board.Close())
                {
                    await keeper.LeaveAsync(silo.SiloAddress);
                }
            }
        );

    public void Dispose() => _stopping.Dispose();

    private async Task SweepAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(5), time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                foreach (var booking in board.Abandoned(Age))
                {
                    keeper.ReleaseInBackground(booking.Request.Id, booking.Stamp, null);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }
}
