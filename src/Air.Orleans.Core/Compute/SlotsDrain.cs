using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Compute;

/// <summary>As its silo stops, tells what computes to stop, and waits for it within a limit.</summary>
internal sealed partial class SlotsDrain(ComputeSlots slots, ILogger<SlotsDrain> logger)
    : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>Below the time in which an embedded cluster stops.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(
            nameof(SlotsDrain),
            ServiceLifecycleStage.Active,
            static _ => Task.CompletedTask,
            async _ =>
            {
                foreach (var work in await slots.DrainAsync(Limit))
                {
                    LogOverdue(work.Name, work.Since);
                }
            }
        );

    [LoggerMessage(1020, LogLevel.Warning, "'{Work}', computing since {Since}, did not stop with its silo.")]
    private partial void LogOverdue(string work, DateTimeOffset since);
}
