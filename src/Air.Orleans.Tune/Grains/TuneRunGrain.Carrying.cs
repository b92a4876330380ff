using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources.Grains;

namespace Air.Orleans.Tune.Grains;

/// <content>What the search does of itself: it starts trials, finds lost ones, lets those that wait give way.</content>
internal sealed partial class TuneRunGrain
{
    private void Carry(TimeSpan dueTime) =>
        _timer ??= this.RegisterGrainTimer(
            CarryOnAsync,
            new GrainTimerCreationOptions(dueTime, PulseInterval) { Interleave = true, KeepAlive = true }
        );

    /// <summary>Finds out what was missed: trials whose silo was lost, resources that came.</summary>
    private async Task CarryOnAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RecoverAsync();
            await Task.WhenAll([.. Running.Select(PulseAsync), .. LeavingAsync()]);
            await CountSlotsAsync();
            await GiveWayAsync();
            await PumpAsync();
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            LogLater(Name, error);
        }
    }

    /// <summary>
    /// A trial has no resources, as its silo was lost, and others hold theirs while they wait for it: they would wait for ever. The
    /// highest of them gives way, and goes on later from its checkpoint.
    /// </summary>
    private async Task GiveWayAsync()
    {
        if (_starved.Count == 0 || State.StopReason is not null || Controller.Pause(_starved.Min) is not { } paused)
        {
            return;
        }

        LogPaused(Name, paused.Index, _starved.Min);
        _starved.Clear();
        Book.Forget(paused.Index);
        State.Leaving[paused.Index] = paused.Attempt;
        Changed(paused.Index);
        _resolved.Set();
        await WriteAsync();
        await GrainOf(paused).StopAsync(GivesWay);
    }

    private async Task RecoverAsync()
    {
        if (_ready.Task.IsCompleted)
        {
            return;
        }

        var journals = await Task.WhenAll(
            Running.Select(async trial => (Trial: trial.Index, Entries: await GrainOf(trial).JournalAsync()))
        );
        var missed = Book.Replay(
            journals.SelectMany(static journal => journal.Entries.Select(entry => (journal.Trial, entry)))
        );
        foreach (var (trial, _) in journals)
        {
            Changed(trial);
        }

        LogResumed(Name, journals.Length, missed);
        _ready.TrySetResult();
    }

    private async Task CountSlotsAsync()
    {
        var report = await GrainCalls.RetryAsync(() => GrainFactory.GetGrain<IResourceLedgerGrain>(0).DescribeAsync());
        _slots = TrialSlots.Count(report.Silos.Select(static silo => silo.Declared), Request.Launch.Resources);
    }

    /// <summary>Fills free slots and writes; only then do the trials start, so that none is forgotten.</summary>
    private async Task PumpAsync()
    {
        if (HasEnded)
        {
            return;
        }

        if (State.StopReason is null)
        {
            foreach (var trial in Controller.Start(Math.Max(0, _slots - Controller.RunningCount)))
            {
                // Its new run waits for the old one's end, and takes over what that leaves.
                State.Leaving.Remove(trial.Index);
                Changed(trial.Index);
            }
        }

        var isFinished = Controller.IsFinished;
        var isStopped = State.StopReason is not null && Controller.RunningCount == 0;
        if ((isFinished || isStopped) && State.Leaving.Count == 0)
        {
            State.Status = isFinished ? TuneStatus.Finished : TuneStatus.Stopped;
            _timer?.Dispose();
            _isDirty = true;
        }

        if (_isDirty)
        {
            await WriteAsync();
        }

        if (HasEnded)
        {
            _changed.Set();
            await NoteEndAsync();
        }

        await Task.WhenAll(Running.Select(StartTrialAsync));
    }

    private async Task StartTrialAsync(TrialRecord trial)
    {
        var key = (trial.Index, trial.Attempt);
        if (State.StopReason is not null || !_started.Add(key))
        {
            return;
        }

        try
        {
            await GrainOf(trial).StartAsync(Request.ToStart(Name, trial));
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            LogLater(Name, error);
            _started.Remove(key);
        }
    }

    private async Task PulseAsync(TrialRecord trial)
    {
        try
        {
            var grain = GrainOf(trial);
            if (State.StopReason is { } reason)
            {
                await grain.StopAsync(reason);
            }

            var pulse = await grain.PulseAsync();
            if (pulse.End is { } end)
            {
                await EndAsync(trial.Index, trial.Attempt, end);
            }
            else if (!pulse.IsStarted && State.StopReason is not null)
            {
                await EndAsync(trial.Index, trial.Attempt, new TrialEnd(null, State.StopReason, null));
            }
            else if (!pulse.IsStarted)
            {
                _started.Remove((trial.Index, trial.Attempt));
                await StartTrialAsync(trial);
            }

            _ = pulse.WaitsForResources ? _starved.Add(trial.Index) : _starved.Remove(trial.Index);
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            LogLater(Name, error);
        }
    }

    /// <summary>Asks the runs of trials that gave way whether they have ended; a search does not end before.</summary>
    private IEnumerable<Task> LeavingAsync() =>
        State.Leaving.ToList().Select(leaving => LeavingAsync(leaving.Key, leaving.Value));

    private async Task LeavingAsync(int trial, int attempt)
    {
        try
        {
            var grain = GrainOf(trial, attempt);
            await grain.StopAsync(GivesWay);
            if ((await grain.PulseAsync()).End is { } end)
            {
                await EndAsync(trial, attempt, end);
            }
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            LogLater(Name, error);
        }
    }
}
