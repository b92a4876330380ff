using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Runs;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace Air.Orleans.Tune.Grains;

/// <inheritdoc cref="ITrialGrain"/>
[GrainType("air.tune.trial"), Reentrant]
internal sealed partial class TrialGrain(
    [PersistentState("air.tune.trial", AirOptions.StorageName)] IPersistentState<TrialGrainState> state,
    TimeProvider time,
    ILogger<TrialGrain> logger
) : Grain, ITrialGrain
{
    private readonly SharedWork _work = new(time);
    private readonly SharedWrite _write = new(() => state.WriteStateAsync());
    private Task? _launching;

    private TrialGrainState State => state.State;

    private bool IsKnown => State.Tune.Length > 0;

    private ITuneRunGrain Tune => GrainFactory.GetGrain<ITuneRunGrain>(State.Tune);

    private IRunGrain Run =>
        GrainFactory.GetGrain<IRunGrain>(GrainId.Create(State.RunGrainType, this.GetPrimaryKeyString()));

    public async Task StartAsync(TrialStart start)
    {
        if (!IsKnown)
        {
            (State.Tune, State.Index, State.Attempt) = (start.Tune, start.Index, start.Attempt);
            State.RunGrainType = start.RunGrainType;
            await WriteAsync();
        }

        if (State.End is null)
        {
            // Not awaited: a run that fails at once tells the search, which may be what calls here.
            _launching ??= LaunchAsync(start);
        }
    }

    public async Task<TrialPulse> PulseAsync()
    {
        var check = IsKnown && State.End is null ? await Run.CheckAsync() : null;
        if (check?.End is { } end)
        {
            await RecordAsync(end);
        }

        return new TrialPulse(
            _launching is not null,
            State.End is null ? null : ToTrialEnd(State.End),
            check is { WaitsForResources: true }
        );
    }

    public Task<JournalEntry[]> JournalAsync() => Task.FromResult<JournalEntry[]>([.. State.Journal]);

    public async Task StopAsync(string reason)
    {
        if (!IsKnown || State.End is not null)
        {
            return;
        }

        if (State.StopReason is null)
        {
            State.StopReason = reason;
            await WriteAsync();
        }

        await Run.StopAsync(reason);
    }

    public async Task ForgetAsync(GrainType runGrainType, bool checkpoints)
    {
        var run = GrainFactory.GetGrain<IRunGrain>(GrainId.Create(runGrainType, this.GetPrimaryKeyString()));
        await run.ForgetAsync(checkpoints);
        await state.ClearStateAsync();
        DeactivateOnIdle();
    }

    public Task<RunDecision?> OnReportAsync(RunReport report) =>
        _work.WaitAsync($"report {report.Iteration}", () => DecideAsync(report));

    private async Task<RunDecision> DecideAsync(RunReport report)
    {
        while (true)
        {
            if (!IsKnown || State.End is not null || State.StopReason is not null)
            {
                return new RunDecision(
                    false,
                    State.StopReason ?? $"the trial of run '{this.GetPrimaryKeyString()}' is over"
                );
            }

            var answer = await GrainCalls.RetryAsync(() =>
                Tune.ReportAsync(State.Index, State.Attempt, report.Iteration, report.Metrics)
            );
            if (answer.Kind != DecisionKind.Wait)
            {
                await RecordAsync(report, answer);
                return new RunDecision(answer.Kind == DecisionKind.Continue, answer.Reason);
            }
        }
    }

    public async Task OnEndAsync(RunEnd end)
    {
        if (!IsKnown)
        {
            return;
        }

        await RecordAsync(end);
        await GrainCalls.RetryAsync(() => Tune.EndAsync(State.Index, State.Attempt, ToTrialEnd(State.End ?? end)));
    }

    private async Task LaunchAsync(TrialStart start)
    {
        try
        {
            var request = new RunRequest(
                start.Specification,
                start.ParametersJson,
                this.GetGrainId(),
                await EndOfLastAttemptAsync(start)
            );
            await GrainCalls.RetryAsync(() => Run.StartAsync(request));
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            // The next pulse says that the run was not started.
            _launching = null;
        }
        catch (Exception error)
        {
            LogNotStarted(this.GetPrimaryKeyString(), error);
            var text = error is AirException ? error.Message : $"{error.GetType().Name}: {error.Message}";
            await RecordAsync(
                new RunEnd($"Run '{this.GetPrimaryKeyString()}' could not be started: {text}", false, null, [])
            );
        }
    }

    /// <summary>
    /// Waits until the run of the attempt before has ended, so that there are never two; gives the checkpoints that it leaves.
    /// </summary>
    private async Task<CheckpointManifest[]> EndOfLastAttemptAsync(TrialStart start)
    {
        if (start.Attempt == 0)
        {
            return [];
        }

        var key = $"{start.Tune}/{start.Index}-{start.Attempt - 1}";
        var last = GrainFactory.GetGrain<IRunGrain>(GrainId.Create(start.RunGrainType, key));
        var end = await GrainCalls.PollAsync(() => last.StopAsync("the trial's next attempt begins"));
        return end.Kept;
    }

    private async Task RecordAsync(RunReport report, TrialAnswer answer)
    {
        if (answer.Kind == DecisionKind.Stop)
        {
            State.StopReason ??= answer.Reason;
            State.Fault ??= answer.Fault;
        }

        if (answer.Sequence > 0)
        {
            State.Journal.RemoveAll(entry => entry.Iteration >= report.Iteration);
            State.Journal.Add(new JournalEntry(answer.Sequence, report.Iteration, report.Metrics));
        }

        await WriteAsync();
    }

    private async Task RecordAsync(RunEnd end)
    {
        if (State.End is null)
        {
            State.End = end;
            await WriteAsync();
        }
    }

    private TrialEnd ToTrialEnd(RunEnd end) =>
        new(
            State.Fault ?? end.Error,
            end.Stopped ? State.StopReason ?? "its run was stopped" : null,
            end.BestCheckpoint
        );

    private Task WriteAsync() => _write.RunAsync();
}
