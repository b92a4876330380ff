using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Train.Grains;

/// <summary>
/// One group of workers on one silo, from their start to the end of them all. The end of the group is that of the worker which tells
/// most: a failure before a stop, before one who only suffered from another.
/// </summary>
internal sealed class TrainAttempt(IGrainFactory grains, PlacementGroup group, WorkerStart start)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How often a worker is asked, 5 seconds each, to end its thread; one that does not is left to its silo.</summary>
    private const int StopCalls = 6;

    private readonly SiloAddress? _silo = group.Bundles[0].Silo;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITrainWorkerGrain[] _workers = WorkersOf(grains, start.Group, start.Specification.Scaling.Workers);

    public async Task<WorkerEnd> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(_workers.Select(StartAsync));
            _started.TrySetResult();
            var ends = await Task.WhenAll(_workers.Select(worker => WaitAsync(worker, cancellationToken)));
            return Summarise(ends);
        }
        catch (Exception error) when (GrainCalls.IsTransient(error) || error is ResourceException)
        {
            return new WorkerEnd(WorkerEndKind.Lost, $"The silo {_silo} of the workers was lost: {error.Message}");
        }
        finally
        {
            _started.TrySetResult();
            await StopAsync("the run goes on without this attempt");
        }
    }

    /// <summary>Has all workers end after the next report with a checkpoint.</summary>
    public async Task MoveAsync()
    {
        await _started.Task;
        await Task.WhenAll(_workers.Select(static worker => worker.MoveAsync()));
    }

    /// <summary>Stops all workers; those that are lost are stopped already.</summary>
    public Task StopAsync(string reason) => StopAsync(_workers, reason);

    /// <summary>Stops the workers of a group that another activation started.</summary>
    public static Task StopAsync(IGrainFactory grains, string group, int workers, string reason) =>
        StopAsync(WorkersOf(grains, group, workers), reason);

    private static async Task StopAsync(ITrainWorkerGrain[] workers, string reason)
    {
        try
        {
            await Task.WhenAll(workers.Select(worker => StopAsync(worker, reason)));
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            // Lost with their silo.
        }
    }

    private static async Task StopAsync(ITrainWorkerGrain worker, string reason)
    {
        for (var call = 0; call < StopCalls; call++)
        {
            if (await GrainCalls.RetryAsync(() => worker.StopAsync(reason)))
            {
                return;
            }
        }
    }

    private static ITrainWorkerGrain[] WorkersOf(IGrainFactory grains, string group, int workers) =>
        [.. Enumerable.Range(0, workers).Select(rank => grains.GetGrain<ITrainWorkerGrain>($"{group}/{rank}"))];

    private async Task StartAsync(ITrainWorkerGrain worker, int rank)
    {
        if (group.Lost.IsCancellationRequested)
        {
            throw new SiloUnavailableException($"The lease '{group.Id}' was lost before worker {rank} had begun.");
        }

        using var _ = group.Bundles[rank].Place();
        var standsOn = await GrainCalls.RetryAsync(() => worker.StartAsync(start with { Rank = rank }));
        if (!standsOn.Equals(_silo))
        {
            throw new SiloUnavailableException($"Worker {rank} was to stand on {_silo} and stands on {standsOn}.");
        }
    }

    private static async Task<WorkerEnd> WaitAsync(ITrainWorkerGrain worker, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await GrainCalls.RetryAsync(() => worker.WaitAsync(Patience), cancellationToken) is { } end)
            {
                return end;
            }
        }
    }

    private static WorkerEnd Summarise(WorkerEnd[] ends)
    {
        var failed = Array.Find(ends, static end => end.Kind == WorkerEndKind.Failed);
        var stopped = Array.Find(ends, static end => end.Kind == WorkerEndKind.Stopped);
        var aborted = Array.Find(ends, static end => end.Kind == WorkerEndKind.Aborted);
        if (failed is not null)
        {
            return failed;
        }

        if (Array.Find(ends, static end => end.Kind == WorkerEndKind.Lost) is { } lost)
        {
            return lost;
        }

        if (stopped is not null)
        {
            return stopped;
        }

        // Nobody failed and nobody was stopped: the workers made different calls, which is an error of the loop.
        return aborted is null
            ? ends[0]
            : new WorkerEnd(WorkerEndKind.Failed, $"The workers cannot go on: {aborted.Message}.");
    }
}
