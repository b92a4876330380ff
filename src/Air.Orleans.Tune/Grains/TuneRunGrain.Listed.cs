using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Runs.Control;
using Air.Orleans.Core.Runs.Grains;

namespace Air.Orleans.Tune.Grains;

/// <content>What the book of runs is told and asks.</content>
internal sealed partial class TuneRunGrain
{
    public Task<RunReading?> WakeAsync(string name) =>
        Task.FromResult(request.State.Request is null ? null : Reading());

    public async Task<bool> StopListedAsync(string name, string reason)
    {
        await StopAsync(reason);
        return HasEnded || request.State.Request is null;
    }

    public async Task ForgetListedAsync(string name, bool checkpoints)
    {
        if (request.State.Request is not { } known)
        {
            return;
        }

        if (!HasEnded)
        {
            throw new TuneException($"Search '{Name}' goes on, so it cannot be forgotten. Stop it first.");
        }

        var attempts = Controller.Trials.SelectMany(static trial =>
            Enumerable.Range(0, trial.Attempt + 1).Select(attempt => (trial.Index, attempt))
        );
        foreach (var (trial, attempt) in attempts)
        {
            await GrainOf(trial, attempt).ForgetAsync(known.Launch.RunGrainType, checkpoints);
        }

        await progress.ClearStateAsync();
        await request.ClearStateAsync();
        (_controller, _book, _isDirty) = (null, null, false);
        DeactivateOnIdle();
    }

    private RunReading Reading()
    {
        var ended = Controller.Trials.Count(static trial => trial.HasEnded);
        var of = Controller.TrialCount is { } count ? $" of {count}" : "";
        var state = State.Status switch
        {
            TuneStatus.Finished => RunState.Succeeded,
            TuneStatus.Stopped => RunState.Stopped,
            _ => RunState.Running,
        };
        return new RunReading(state, State.StopReason ?? $"{ended}{of} trials ended", null);
    }

    private async Task ListAsync()
    {
        var book = GrainFactory.GetGrain<IRunBookGrain>(0);
        await GrainCalls.RetryAsync(() => book.BeginAsync(RunKind.Tune, Name, this.GetGrainId()));
    }

    /// <summary>Tells the book of runs; where it does not hear, it asks.</summary>
    private async Task NoteEndAsync()
    {
        try
        {
            await GrainFactory.GetGrain<IRunBookGrain>(0).NoteAsync(RunKind.Tune, Name, Reading());
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            LogLater(Name, error);
        }
    }
}
