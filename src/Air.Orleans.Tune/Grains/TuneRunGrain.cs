using Air.Orleans.Core.Resilience;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace Air.Orleans.Tune.Grains;

/// <inheritdoc cref="ITuneRunGrain"/>
/// <remarks>
/// The state is written when a trial starts or ends, and otherwise once a second. Reports in between are in the trials'
/// journals, from where an activation that takes over gets them, before it listens to anybody.
/// </remarks>
[GrainType("air.tune.run"), Reentrant]
internal sealed partial class TuneRunGrain(
    [PersistentState("air.tune.request", AirOptions.StorageName)] IPersistentState<TuneRequestState> request,
    [PersistentState("air.tune.run", AirOptions.StorageName)] IPersistentState<TuneRunState> progress,
    TimeProvider time,
    ILogger<TuneRunGrain> logger
) : Grain, ITuneRunGrain
{
    private const string GivesWay = "the trial gives its resources to one that it waits for";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan WriteInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PulseInterval = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ChangeSignal _changed = new();
    private readonly ChangeSignal _resolved = new();
    private readonly HashSet<(int Trial, int Attempt)> _started = [];
    private readonly Dictionary<int, long> _changedAt = [];

    /// <summary>Running trials that waited for resources when they were last looked at.</summary>
    private readonly SortedSet<int> _starved = [];
    private TuneController? _controller;
    private ReportBook? _book;
    private IGrainTimer? _timer;
    private SharedWrite? _write;
    private DateTimeOffset _written;
    private bool _isDirty;
    private long _firstVersion;
    private long _version;
    private int _slots = 1;

    private TuneRunState State => progress.State;

    private string Name => this.GetPrimaryKeyString();

    private bool HasEnded => State.Status != TuneStatus.Running;

    private TuneRequest Request =>
        request.State.Request
        ?? throw new TuneException($"There is no search '{Name}' in this cluster. Start it with FitAsync.");

    private TuneController Controller => _controller ??= Request.ToController(State.Controller);

    private ReportBook Book => _book ??= new ReportBook(Controller, State.Sequence);

    private IEnumerable<TrialRecord> Running =>
        Controller.Trials.Where(static trial => trial.State == TrialState.Running).ToList();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // Versions of a later activation are higher, so that a watcher notices what it missed.
        _firstVersion = _version = time.GetUtcNow().Ticks;
        if (request.State.Request is not null && !HasEnded)
        {
            Carry(TimeSpan.Zero);
        }

        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_isDirty)
        {
            await WriteAsync();
        }
    }

    public async Task StartAsync(TuneRequest wanted)
    {
        if (request.State.Request is { } known)
        {
            known.CheckSame(wanted, Name);
            if (!HasEnded)
            {
                await ListAsync();
            }

            return;
        }

        // Listed first, so that a search whose silo is lost in between is looked after.
        await ListAsync();
        if (request.State.Request is not null)
        {
            return;
        }

        _controller = wanted.ToController(null);
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

        _ready.TrySetResult();
        Carry(PulseInterval);
        await CountSlotsAsync();
        await PumpAsync();
    }

    public async Task<TuneSnapshot> WatchAsync(long seenVersion, TimeSpan patience)
    {
        if (_version == seenVersion && !HasEnded)
        {
            await Task.WhenAny(_changed.Next, Task.Delay(patience, time));
        }

        var changed = Controller.Trials.Where(trial =>
            _changedAt.GetValueOrDefault(trial.Index, _firstVersion) > seenVersion
        );
        return new TuneSnapshot(_version, State.Status, [.. changed.Select(TrialSnapshot.Of)], Controller.TrialCount);
    }

    public Task<TuneOutcome> OutcomeAsync() => Task.FromResult(TuneOutcome.Of(Controller, State.Checkpoints));

    public async Task StopAsync(string reason)
    {
        if (request.State.Request is null || HasEnded)
        {
            return;
        }

        await _ready.Task.WaitAsync(Patience, time);
        State.StopReason ??= reason;
        _resolved.Set();
        await WriteAsync();
        await Task.WhenAll([.. Running.Select(PulseAsync), .. LeavingAsync()]);
        await PumpAsync();
    }

    public async Task<TrialAnswer> ReportAsync(
        int trial,
        int attempt,
        int iteration,
        IReadOnlyDictionary<string, double> metrics
    )
    {
        var deadline = time.GetUtcNow() + Patience;
        await _ready.Task.WaitAsync(Patience, time);
        while (true)
        {
            var record = Controller.Trials[trial];
            var isOver = record.State != TrialState.Running || record.Attempt != attempt;
            if (isOver || State.StopReason is not null)
            {
                var reason = State.StopReason ?? $"attempt {attempt} of trial {trial} is over";
                return new TrialAnswer(DecisionKind.Stop, reason, null, 0);
            }

            var resolved = _resolved.Next;
            if (!Book.IsHeld(trial) && Take(trial, iteration, metrics) is { Kind: not DecisionKind.Wait } answer)
            {
                if (_isDirty && time.GetUtcNow() - _written > WriteInterval)
                {
                    await WriteAsync();
                }

                return answer;
            }

            var left = deadline - time.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                return new TrialAnswer(DecisionKind.Wait, "", null, 0);
            }

            await Task.WhenAny(resolved, Task.Delay(left, time));
        }
    }

    public async Task EndAsync(int trial, int attempt, TrialEnd end)
    {
        await _ready.Task.WaitAsync(Patience, time);
        var record = Controller.Trials[trial];
        if (record.State == TrialState.Running && record.Attempt == attempt)
        {
            if (end.BestCheckpoint is { } checkpoint)
            {
                State.Checkpoints[trial] = checkpoint;
            }

            if (end.Error is { } error)
            {
                LogFailed(Name, trial, attempt, error);
                Controller.Fail(trial, error);
            }
            else
            {
                Controller.Complete(trial, end.StopReason);
            }

            Book.Forget(trial);
            HandOut(trial);
            await PumpAsync();
        }
        else if (State.Leaving.TryGetValue(trial, out var leaving) && leaving == attempt)
        {
            State.Leaving.Remove(trial);
            _isDirty = true;
            if (end.BestCheckpoint is { } left)
            {
                State.Checkpoints[trial] = left;
            }

            await PumpAsync();
        }
    }

    private TrialAnswer Take(int trial, int iteration, IReadOnlyDictionary<string, double> metrics)
    {
        try
        {
            var (decision, sequence) = Book.Take(trial, iteration, metrics);
            HandOut(trial);
            return new TrialAnswer(decision.Kind, decision.Reason, null, sequence);
        }
        catch (ArgumentException fault)
        {
            var text = fault.Message.Split(" (Parameter '")[0];
            return new TrialAnswer(DecisionKind.Stop, text, text, 0);
        }
    }

    /// <summary>Wakes the trials that wait for what was just decided on.</summary>
    private void HandOut(int cause)
    {
        Changed(cause);
        var resolved = Book.TakeResolved();
        if (resolved.Count > 0)
        {
            foreach (var trial in resolved)
            {
                Changed(trial);
            }

            _resolved.Set();
        }
    }

    private ITrialGrain GrainOf(TrialRecord trial) => GrainOf(trial.Index, trial.Attempt);

    private ITrialGrain GrainOf(int trial, int attempt) =>
        GrainFactory.GetGrain<ITrialGrain>($"{Name}/{trial}-{attempt}");

    private Task WriteAsync() => (_write ??= new SharedWrite(WriteNowAsync)).RunAsync();

    private async Task WriteNowAsync()
    {
        _isDirty = false;
        State.Controller = Controller.SaveState();
        State.Sequence = Book.Sequence;
        try
        {
            await progress.WriteStateAsync();
            _written = time.GetUtcNow();
        }
        catch
        {
            _isDirty = true;
            throw;
        }
    }

    private void Changed(int trial)
    {
        _isDirty = true;
        _changedAt[trial] = ++_version;
        _changed.Set();
    }
}
