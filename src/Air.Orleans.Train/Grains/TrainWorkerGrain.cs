using Air.Orleans.Core.Compute;
using Air.Orleans.Core.Resources;
using Air.Orleans.Train.Collectives;
using Air.Orleans.Train.Workers;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Air.Orleans.Train.Grains;

/// <inheritdoc cref="ITrainWorkerGrain"/>
[GrainType("air.train.worker"), Reentrant, KeepAlive, RandomPlacement]
internal sealed class TrainWorkerGrain(
    IServiceProvider services,
    ILocalSiloDetails silo,
    CollectiveHub hub,
    SiloReporter reporter,
    TimeProvider time
) : Grain, ITrainWorkerGrain
{
    private readonly CancellationTokenSource _stopping = new();
    private WorkerStart? _start;
    private Task<WorkerEnd>? _running;

    public Task<SiloAddress> StartAsync(WorkerStart start)
    {
        if (_running is null)
        {
            _start = start;
            reporter.Hold(start.LeaseId, start.Specification.Scaling.Total);
            _running = RunAsync(start);
        }

        return Task.FromResult(silo.SiloAddress);
    }

    public async Task<WorkerEnd?> WaitAsync(TimeSpan patience)
    {
        if (_running is null)
        {
            return new WorkerEnd(WorkerEndKind.Aborted, "the worker was lost with its silo");
        }

        await Task.WhenAny(_running, Task.Delay(patience, time));
        return _running.IsCompleted ? await _running : null;
    }

    public async Task StopAsync(string reason)
    {
        await _stopping.CancelAsync();
        if (_start is { } start)
        {
            hub.Abort(start.Group, reason);
        }

        if (_running is not null)
        {
            await _running;
        }

        DeactivateOnIdle();
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        if (_start is { } start)
        {
            hub.Abort(start.Group, $"the worker's silo stops: {reason.Description}");
        }
    }

    private async Task<WorkerEnd> RunAsync(WorkerStart start)
    {
        var session = new WorkerSession(start, services, _stopping.Token);
        WorkerEnd? end = null;
        await DedicatedThread.RunAsync($"air-{start.Group}-{start.Rank}", () => end = session.Run());
        reporter.Drop(start.LeaseId);
        hub.Forget(start.Group);
        return end!;
    }
}
