using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Runs;
using Air.Orleans.Core.Runs.Control;
using Air.Orleans.Core.Runs.Grains;
using Air.Orleans.Train.Control;

namespace Air.Orleans.Train.Grains;

/// <content>What the book of runs is told and asks.</content>
internal sealed partial class TrainRunGrain
{
    public Task<RunReading?> WakeAsync(string name) =>
        Task.FromResult(request.State.Request is null ? null : Reading());

    public async Task<bool> StopListedAsync(string name, string reason) => await StopAsync(reason) is not null;

    public Task ForgetListedAsync(string name, bool checkpoints) => ForgetAsync(checkpoints);

    /// <summary>Tells the book of runs; where it does not hear, it asks.</summary>
    private async Task NoteEndAsync()
    {
        try
        {
            await GrainFactory.GetGrain<IRunBookGrain>(0).NoteAsync(RunKind.Train, Name, Reading());
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            LogEndNotNoted(Name, error);
        }
    }

    /// <summary>A trial's run is listed under its search.</summary>
    private async Task ListAsync(RunRequest wanted)
    {
        if (wanted.Listener is null)
        {
            var book = GrainFactory.GetGrain<IRunBookGrain>(0);
            await GrainCalls.RetryAsync(() => book.BeginAsync(RunKind.Train, Name, this.GetGrainId()));
        }
    }

    private RunReading Reading()
    {
        var state = State.Status switch
        {
            TrainStatus.Running => RunState.Running,
            TrainStatus.Succeeded => RunState.Succeeded,
            TrainStatus.Stopped => RunState.Stopped,
            TrainStatus.Failed => RunState.Failed,
            _ => RunState.Pending,
        };
        var detail = State.Status == TrainStatus.Running ? $"attempt {State.Attempt} on {_silo}" : _detail;
        return new RunReading(state, State.StopReason ?? detail, State.Error);
    }
}
