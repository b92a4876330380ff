using Air.Orleans.Core.Resilience;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Clustering.Membership;

/// <summary>Looks at the file several times a second, so that this silo knows at once of a process that has ended.</summary>
internal sealed partial class FileMembershipWatch(
    FileMembershipTable table,
    IClusterMembershipService membership,
    TimeProvider time,
    ILogger<FileMembershipWatch> logger
) : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _stop = new();
    private Task _watching = Task.CompletedTask;

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(
            nameof(FileMembershipWatch),
            ServiceLifecycleStage.Active,
            _ =>
            {
                _watching = Background.Start(WatchAsync);
                return Task.CompletedTask;
            },
            async _ =>
            {
                await _stop.CancelAsync();
                await _watching;
                _stop.Dispose();
            }
        );

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                await LookAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private async Task LookAsync()
    {
        try
        {
            var version = new MembershipVersion(table.Read().Version);
            if (version > membership.CurrentSnapshot.Version)
            {
                await membership.Refresh(version, _stop.Token);
            }
        }
        catch (Exception error) when (error is AirException or IOException or UnauthorizedAccessException)
        {
            LogUnreadable(logger, error);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The membership file cannot be read; it is tried again.")]
    private static partial void LogUnreadable(ILogger logger, Exception error);
}
