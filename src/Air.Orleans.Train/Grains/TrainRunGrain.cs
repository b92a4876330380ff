using Air.Orleans.Core.Checkpoints;
using Air.Orleans.Core.Checkpoints.Grains;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Runs;
using Air.Orleans.Train.Control;
using Air.Orleans.Train.Workers;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace Air.Orleans.Train.Grains;

/// <inheritdoc cref="ITrainRunGrain"/>
[GrainType(TypeName), Reentrant]
internal sealed partial class TrainRunGrain(
    [PersistentState("air.train.request", AirOptions.StorageName)] IPersistentState<TrainRequestState> request,
    [PersistentState("air.train.run", AirOptions.StorageName)] IPersistentState<TrainRunState> progress,
    IServiceProvider services,
    TrainDrain drain,
    Serializer serializer,
    TimeProvider time,
    ILogger<TrainRunGrain> logger
) : Grain, ITrainRunGrain
{
    public const string TypeName = "air.train.run";

    /// <summary>Without a checkpoint to tell of, the history is written at most this often.</summary>
    private static readonly TimeSpan WriteInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan WholeRun = TimeSpan.FromDays(30);

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly SharedWork _work = new(time);
    private readonly SemaphoreSlim _writing = new(1);
    private TaskCompletionSource _changed = NewSignal();
    private Task? _driving;
    private TrainAttempt? _attempt;
    private DateTimeOffset _written;
    private long _version;
    private string _detail = "";
    private SiloAddress? _silo;
    private bool _lostAnAttempt;
    private bool _isLeaving;
    private CheckpointManifest[] _kept = [];

    private TrainRunState State => progress.State;

    private string Name => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (request.State.Request is not null)
        {
            await ReadKeptAsync();
        }

        // New with a request: the grain was lost between the two writes of its start.
        if (request.State.Request is not null && !State.Status.HasEnded)
        {
            _lostAnAttempt = State.Status == TrainStatus.Running;
            Begin();
            Drive();
        }
    }

    /// <summary>The run goes on elsewhere: what this activation still does must not end it.</summary>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        drain.RemoveRun(Name);
        return WriteNoMoreAsync(cancellationToken);
    }

    public async Task StartAsync(RunRequest wanted)
    {
        if (request.State.Request is { } known)
        {
            if (!IsSame(known, wanted))
            {
                throw new TrainingException(
                    $"There is a run '{Name}' already, of another trainer. Give this one another RunConfig.Name."
                );
            }

            // Also where it is known: the run may be listed as interrupted.
            if (!State.Status.HasEnded)
            {
                await ListAsync(wanted);
            }

            return;
        }

        // Listed first, so that a run whose silo is lost between these writes is looked after.
        await ListAsync(wanted);
        if (request.State.Request is not null)
        {
            return;
        }

        request.State.Request = wanted;
        try
        {
            await request.WriteStateAsync();
        }
        catch
        {
            request.State.Request = null;
            throw;
        }

        Begin();
        await ReadKeptAsync();
        await WriteAsync();
        Drive();
    }

    public async Task<TrainSnapshot> WatchAsync(long seenVersion, TimeSpan patience)
    {
        if (_version == seenVersion && !State.Status.HasEnded)
        {
            await Task.WhenAny(_changed.Task, Task.Delay(patience, time));
        }

        return new TrainSnapshot(
            _version,
            State.Status,
            _detail,
            State.History.Count == 0 ? 0 : State.History[^1].Iteration,
            State.History.Count == 0 ? new Dictionary<string, double>() : State.History[^1].Metrics,
            State.Status.HasEnded ? [.. State.History] : [],
            _kept,
            Best(),
            State.Error,
            State.Attempt,
            _silo?.ToString()
        );
    }

    public Task<RunCheck> CheckAsync() => Task.FromResult(new RunCheck(State.Status == TrainStatus.Pending, End()));

    public async Task<RunEnd?> StopAsync(string reason)
    {
        if (request.State.Request is null)
        {
            return new RunEnd(null, true, null, []);
        }

        if (State.Status.HasEnded)
        {
            return End();
        }

        State.StopReason ??= reason;
        await _stopping.CancelAsync();
        await Task.WhenAny(StopWorkersAsync(reason), Task.Delay(StopPatience, time));
        return End();
    }

    public async Task ForgetAsync(bool checkpoints)
    {
        if (request.State.Request is null)
        {
            return;
        }

        if (!State.Status.HasEnded)
        {
            throw new TrainingException($"Run '{Name}' goes on, so it cannot be forgotten. Stop it first.");
        }

        foreach (var manifest in checkpoints ? _kept : [])
        {
            var book = GrainFactory.GetGrain<IRunCheckpointsGrain>(ShardName.RunOf(manifest.Id));
            await GrainCalls.RetryAsync(() => book.DeleteAsync(manifest.Id));
        }

        await progress.ClearStateAsync();
        await request.ClearStateAsync();
        DeactivateOnIdle();
    }

    public Task<RunDecision?> ReportAsync(int attempt, RunReport report) =>
        attempt != State.Attempt || State.Status.HasEnded
            ? Task.FromResult<RunDecision?>(new RunDecision(false, $"attempt {attempt} of run '{Name}' is over"))
            : _work.WaitAsync($"report {attempt}/{report.Iteration}", () => TakeAsync(report));

    private async Task<RunDecision> TakeAsync(RunReport report)
    {
        if (State.History.Count == 0 || State.History[^1].Iteration < report.Iteration)
        {
            await RecordAsync(report);
        }

        var decision = State.StopReason is { } reason ? new RunDecision(false, reason) : RunDecision.GoOn;
        if (decision.Continue && Request.Listener is { } listener)
        {
            var hears = GrainFactory.GetGrain<IRunListenerGrain>(listener);
            decision = await AskAsync(hears, report);
            State.StopReason ??= decision.Continue ? null : decision.Reason;
        }

        return decision;
    }

    private async Task<RunDecision> AskAsync(IRunListenerGrain listener, RunReport report)
    {
        try
        {
            return await GrainCalls.PollAsync(() => listener.OnReportAsync(report), _stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return new RunDecision(false, State.StopReason ?? "the run is stopped");
        }
    }

    private void Begin()
    {
        if (State.Status == TrainStatus.New)
        {
            State.Status = TrainStatus.Preparing;
        }
    }

    private RunRequest Request => request.State.Request!;

    private async Task RecordAsync(RunReport report)
    {
        State.History.Add(report);
        if (report.Checkpoint is not null || time.GetUtcNow() - _written > WriteInterval)
        {
            await WriteAsync();
        }

        if (report.Checkpoint is not null)
        {
            await ReadKeptAsync();
        }

        Changed($"report {report.Iteration}");
    }

    private void Drive()
    {
        DelayDeactivation(WholeRun);
        drain.AddRun(Name);
        _driving ??= DriveAsync();
    }

    private RunEnd? End() =>
        State.Status.HasEnded ? new RunEnd(State.Error, State.Status == TrainStatus.Stopped, Best(), _kept) : null;

    private async Task StopWorkersAsync(string reason)
    {
        if (_attempt is { } attempt)
        {
            await attempt.StopAsync(reason);
        }

        if (_driving is { } driving)
        {
            await driving;
        }
    }

    private bool IsSame(RunRequest known, RunRequest wanted) =>
        known.Specification.AsSpan().SequenceEqual(wanted.Specification)
        || Specification().Fingerprint(serializer)
            == serializer.Deserialize<TrainSpecification>(wanted.Specification)!.Fingerprint(serializer);

    private async Task SetAsync(TrainStatus status, string detail)
    {
        _stopping.Token.ThrowIfCancellationRequested();
        State.Status = status;
        await WriteAsync();
        Changed(detail);
    }

    private async Task WriteAsync()
    {
        await _writing.WaitAsync();
        try
        {
            if (_isLeaving)
            {
                throw new InvalidOperationException($"Run '{Name}' is carried by another activation now.");
            }

            await progress.WriteStateAsync();
            _written = time.GetUtcNow();
        }
        finally
        {
            _writing.Release();
        }
    }

    private void Changed(string detail)
    {
        _detail = detail;
        _version++;
        var signal = _changed;
        _changed = NewSignal();
        signal.SetResult();
    }

    private IRunCheckpointsGrain Book => GrainFactory.GetGrain<IRunCheckpointsGrain>(Name);

    /// <summary>Those of the run that this one carries on come first; they stay in its book.</summary>
    private async Task ReadKeptAsync() =>
        _kept = [.. Request.Inherited, .. await GrainCalls.RetryAsync(() => Book.ListAsync())];

    private CheckpointManifest? Best() => Specification().Checkpoints.Rules.Best(_kept);

    /// <summary>
    /// The checkpoint to go on from. One that a worker committed without its report being heard is not: the reports before it are not
    /// known either; it is trained and committed anew.
    /// </summary>
    private CheckpointManifest? Latest() =>
        Array.FindLast(
            _kept,
            manifest =>
                manifest.Id != WorkerStart.CheckpointId(Name, manifest.Epoch, manifest.Iteration)
                || State.History.Exists(report => report.Checkpoint?.Id == manifest.Id)
        );

    private TrainSpecification Specification() =>
        _specification ??= serializer.Deserialize<TrainSpecification>(Request.Specification)!;

    private TrainSpecification? _specification;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
