using Air.Orleans.Core.Placement;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Blocks;

/// <summary>
/// While the silo runs: makes its blocks known to its process, frees what dead holders held, and removes what dead processes of the host left. Stops
/// last, when no grain and no worker needs a block any more.
/// </summary>
internal sealed partial class BlockKeeping(
    BlockStore store,
    ILocalSiloDetails silo,
    IManagementView membership,
    TimeProvider time,
    ILogger<BlockKeeping> logger
) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private const int SweepEvery = 5;

    private readonly CancellationTokenSource _stopping = new();
    private IDisposable? _announced;
    private Task _tidying = Task.CompletedTask;

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(
            nameof(BlockKeeping),
            ServiceLifecycleStage.RuntimeInitialize,
            _ =>
            {
                _announced = BlockFetcher.Announce(OnSiloPlacement.KeyOf(silo.SiloAddress), store);
                _tidying = Background.Start(TidyAsync);
                return Task.CompletedTask;
            },
            async _ =>
            {
                _announced?.Dispose();
                await _stopping.CancelAsync();
                await _tidying;
            }
        );

    public void Dispose() => _stopping.Dispose();

    private async Task TidyAsync()
    {
        using var timer = new PeriodicTimer(Interval, time);
        for (var round = 1; ; round++)
        {
            try
            {
                await timer.WaitForNextTickAsync(_stopping.Token);
                var active = (await membership.ActiveSilosAsync()).Select(HolderName.Of).ToHashSet();
                store.Tidy(name =>
                    name.StartsWith(HolderName.SiloPrefix, StringComparison.Ordinal) ? active.Contains(name) : null
                );
                if (round % SweepEvery == 0)
                {
                    store.Sweep();
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException)
            {
                LogFailed(error);
            }
        }
    }

    [LoggerMessage(1031, LogLevel.Warning, "The memory for blocks could not be tidied; it is tried again.")]
    private partial void LogFailed(Exception error);
}
