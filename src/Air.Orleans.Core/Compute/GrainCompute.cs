using System.Collections.Concurrent;
using Air.Orleans.Core.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Compute;

/// <summary>
/// The slots as one grain activation sees them: what it starts here is told to stop when it deactivates, so that no work outlives the
/// grain that knows of it. One for each activation.
/// </summary>
internal sealed partial class GrainCompute : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<ComputeWork, byte> _mine = new();
    private readonly ComputeSlots _slots;
    private readonly ILogger<GrainCompute> _logger;
    private volatile bool _over;

    public GrainCompute(ComputeSlots slots, IGrainContextAccessor accessor, ILogger<GrainCompute> logger)
    {
        _slots = slots;
        _logger = logger;
        var context = accessor.GrainContext;
        context.ObservableLifecycle.Subscribe(
            nameof(GrainCompute),
            GrainLifecycleStage.First,
            static _ => Task.CompletedTask,
            async _ => await EndAsync(context.GrainId)
        );
    }

    /// <summary>Starts work that ends with the grain at the latest.</summary>
    /// <exception cref="ObjectDisposedException">The grain or its silo is stopping.</exception>
    public ComputeWork<T> Start<T>(string name, Func<ComputeContext, T> work)
    {
        ObjectDisposedException.ThrowIf(_over, this);
        var started = _slots.Start(name, work);
        _mine.TryAdd(started, 0);
        _ = started.Ended.ContinueWith(
            (_, ended) => _mine.TryRemove((ComputeWork)ended!, out byte _),
            started,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
        return started;
    }

    /// <summary>Starts work and gives its result.</summary>
    /// <exception cref="ObjectDisposedException">The grain or its silo is stopping.</exception>
    /// <exception cref="OperationCanceledException">The grain deactivates.</exception>
    public async Task<T> RunAsync<T>(string name, Func<ComputeContext, T> work)
    {
        using var activity = CoreMeter.Activities.StartActivity("air.compute");
        activity?.SetTag("air.work", name);
        return await Start(name, work).Completion;
    }

    public void Dispose()
    {
        _over = true;
        foreach (var work in _mine.Keys)
        {
            work.Cancel();
        }
    }

    private async Task EndAsync(GrainId grain)
    {
        _over = true;
        foreach (var work in _mine.Keys)
        {
            if (!await work.CancelAsync(Grace))
            {
                LogOverdue(work.Progress.Name, grain);
            }
        }
    }

    [LoggerMessage(
        1021,
        LogLevel.Warning,
        "'{Work}' did not stop with its grain {Grain}; its slot is taken until it ends."
    )]
    private partial void LogOverdue(string work, GrainId grain);
}
