using System.Text.Json;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Runs;
using Orleans.Concurrency;

namespace Air.Orleans.Tune.Tests.Cluster;

/// <summary>A run that plays its <see cref="TestParameters"/>, and goes on after its silo was lost.</summary>
[GrainType(TypeName), Reentrant]
internal sealed class TestRunGrain(
    [PersistentState("test.run", AirOptions.StorageName)] IPersistentState<TestRunState> state,
    TestRuns runs
) : Grain, IRunGrain
{
    public const string TypeName = "test.run";

    private readonly CancellationTokenSource _stopping = new();
    private Task? _driving;

    private string Name => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (state.State is { Request: not null, End: null })
        {
            Drive();
        }

        return Task.CompletedTask;
    }

    public async Task StartAsync(RunRequest request)
    {
        if (state.State.Request is null)
        {
            state.State.Request = request;
            state.State.Done = request.Inherited.LastOrDefault()?.Iteration ?? 0;
            state.State.Checkpoint = request.Inherited.LastOrDefault();
            await state.WriteStateAsync();
            Drive();
        }
    }

    public Task<RunCheck> CheckAsync() => Task.FromResult(new RunCheck(runs.IsStarved(Name), state.State.End));

    public async Task<RunEnd?> StopAsync(string reason)
    {
        await _stopping.CancelAsync();
        if (_driving is { } driving)
        {
            await Task.WhenAny(driving, Task.Delay(TimeSpan.FromMilliseconds(200)));
        }

        return state.State.Request is null ? new RunEnd(null, true, null, []) : state.State.End;
    }

    public async Task ForgetAsync(bool checkpoints)
    {
        await state.ClearStateAsync();
        DeactivateOnIdle();
    }

    private void Drive()
    {
        DelayDeactivation(TimeSpan.FromMinutes(10));
        _driving ??= DriveAsync();
    }

    private async Task DriveAsync()
    {
        await Task.Yield();
        runs.Enter(Name);
        RunEnd end;
        try
        {
            end = new RunEnd(null, await PlayAsync(), state.State.Checkpoint, Kept);
        }
        catch (OperationCanceledException)
        {
            end = new RunEnd(null, true, state.State.Checkpoint, Kept);
        }
        catch (InvalidOperationException error)
        {
            end = new RunEnd(error.Message, false, state.State.Checkpoint, Kept);
        }

        await runs.EndingAsync(Name);
        runs.Leave(Name);
        state.State.End = end;
        await state.WriteStateAsync();
        await GrainCalls.RetryAsync(() => Listener.OnEndAsync(end));
    }

    private CheckpointManifest[] Kept => state.State.Checkpoint is { } latest ? [latest] : [];

    private IRunListenerGrain Listener =>
        GrainFactory.GetGrain<IRunListenerGrain>(state.State.Request!.Listener!.Value);

    /// <summary>Whether the run was told to stop.</summary>
    private async Task<bool> PlayAsync()
    {
        var parameters = JsonSerializer.Deserialize<TestParameters>(
            state.State.Request!.ParametersJson!,
            TuneJson.Options
        )!;
        var attempt = int.Parse(Name[(Name.LastIndexOf('-') + 1)..]);
        for (var iteration = state.State.Done + 1; iteration <= parameters.Iterations; iteration++)
        {
            await runs.PassAsync(Name, iteration, _stopping.Token);
            if (iteration == parameters.FailAt && attempt < parameters.FailingAttempts)
            {
                throw new InvalidOperationException($"Run '{Name}' fails by its script.");
            }

            var metrics = new Dictionary<string, double> { [parameters.Metric] = parameters.LossAt(iteration) };
            var checkpoint = new CheckpointManifest
            {
                Id = $"{Name}@{iteration}",
                Iteration = iteration,
                Metrics = metrics,
            };
            var report = new RunReport(iteration, metrics, checkpoint);
            var decision = await GrainCalls.PollAsync(() => Listener.OnReportAsync(report), _stopping.Token);
            (state.State.Done, state.State.Checkpoint) = (iteration, checkpoint);
            await state.WriteStateAsync();
            if (!decision.Continue)
            {
                return true;
            }
        }

        return false;
    }
}

[GenerateSerializer, Alias("test.TestRunState")]
internal sealed class TestRunState
{
    [Id(0)]
    public RunRequest? Request { get; set; }

    [Id(1)]
    public int Done { get; set; }

    [Id(2)]
    public CheckpointManifest? Checkpoint { get; set; }

    [Id(3)]
    public RunEnd? End { get; set; }
}
