using Air.Orleans.Core.Compute;
using Air.Orleans.Train.Collectives;
using Air.Orleans.Train.Diagnostics;
using Air.Orleans.Train.Workers;
using Orleans.Concurrency;

namespace Air.Orleans.Train.Grains;

/// <inheritdoc cref="ITrainWorkerGrain"/>
[GrainType("air.train.worker"), Reentrant, KeepAlive, GpuPlacement]
internal sealed class TrainWorkerGrain(
    IServiceProvider services,
    ILocalSiloDetails silo,
    CollectiveHub hub,
    IGrainLease lease,
    TrainDrain drain,
    TimeProvider time
) : Grain, ITrainWorkerGrain
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private WorkerStart? _start;
    private Task<WorkerEnd>? _running;
    private volatile string? _silosEnd;
    private volatile bool _moves;

    public Task<SiloAddress> StartAsync(WorkerStart start)
    {
        if (_running is null)
        {
            _start = start;
            if (drain.HasBegun)
            {
                _running = Task.FromResult(Drained());
            }
            else
            {
                drain.Add(this, $"{start.Group}/{start.Rank}", why => End(start, why));
                _running = RunAsync(start);
            }
        }

        return Task.FromResult(silo.SiloAddress);
    }

    public async Task<WorkerEnd?> WaitAsync(TimeSpan patience)
    {
        if (_running is null)
        {
            DeactivateOnIdle();
            return new WorkerEnd(WorkerEndKind.Lost, "The worker was lost with its silo.");
        }

        await Task.WhenAny(_running, Task.Delay(patience, time));
        return _running.IsCompleted ? await _running : null;
    }

    public Task MoveAsync()
    {
        _moves = true;
        if (_running is null)
        {
            DeactivateOnIdle();
        }

        return Task.CompletedTask;
    }

    public async Task<bool> StopAsync(string reason)
    {
        await _stopping.CancelAsync();
        if (_start is { } start)
        {
            hub.Abort(start.Group, reason);
        }

        if (_running is not null)
        {
            await Task.WhenAny(_running, Task.Delay(StopPatience, time));
            if (!_running.IsCompleted)
            {
                return false;
            }
        }

        drain.Remove(this);
        DeactivateOnIdle();
        return true;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        drain.Remove(this);
        if (_start is { } start && _running is { IsCompleted: false })
        {
            End(start, $"The silo {silo.SiloAddress} of the workers stops: {reason.Description}");
        }

        return Task.CompletedTask;
    }

    private void End(WorkerStart start, string why)
    {
        _silosEnd = why;
        // What a loop has registered on its token runs on the thread pool: it must hold up neither a grain's turn nor the silo's stop.
        _ = _stopping.CancelAsync();
        hub.Abort(start.Group, why);
    }

    private async Task<WorkerEnd> RunAsync(WorkerStart start)
    {
        TrainMeter.WorkerBegan();
        var session = new WorkerSession(
            start,
            [.. lease.Devices],
            services,
            () => _moves || drain.HasBegun,
            _stopping.Token
        );
        using var revoked = lease.Revoked.Register(() =>
            End(start, $"The lease of the workers on silo {silo.SiloAddress} has ended.")
        );
        WorkerEnd? end = null;
        await DedicatedThread.RunAsync($"air-{start.Group}-{start.Rank}", () => end = session.Run());
        TrainMeter.WorkerEnded();
        hub.Leave(start.Group);
        // Whatever the loop made of it, its silo's end is no error of the loop and nobody's wish to stop.
        return _silosEnd is { } lost && end!.Kind != WorkerEndKind.Finished
            ? new WorkerEnd(WorkerEndKind.Lost, lost) { IsPlanned = drain.HasBegun }
            : end!;
    }

    private WorkerEnd Drained() => WorkerSession.Drained(silo.SiloAddress);
}
