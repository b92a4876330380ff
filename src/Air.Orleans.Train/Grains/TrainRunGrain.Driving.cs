using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources;
using Air.Orleans.Core.Runs;
using Air.Orleans.Train.Control;
using Air.Orleans.Train.Diagnostics;
using Orleans.Storage;

namespace Air.Orleans.Train.Grains;

/// <content>The run from its beginning to its end, attempt after attempt.</content>
internal sealed partial class TrainRunGrain
{
    /// <summary>Carries the run to its end. Begun again after the grain was lost, it goes on from the latest checkpoint.</summary>
    private async Task DriveAsync()
    {
        try
        {
            if (await RunAsync() is { } status)
            {
                await EndAsync(status, null);
            }
        }
        catch (Exception error) when (_isLeaving || error is InconsistentStateException)
        {
            // Another activation carries the run, or will.
            LogLeft(Name, error);
            if (!_isMoving)
            {
                DeactivateOnIdle();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            await EndAsync(TrainStatus.Stopped, null);
        }
        catch (Exception error)
        {
            LogFailed(Name, error);
            var text =
                error is AirException ? error.Message : $"Run '{Name}' failed: {error.GetType().Name}: {error.Message}";
            await EndAsync(TrainStatus.Failed, text);
        }

        drain.RemoveRun(Name);
        DelayDeactivation(TimeSpan.FromTicks(-1));
    }

    /// <summary>How the run ended; null where another silo carries it on.</summary>
    private async Task<TrainStatus?> RunAsync()
    {
        var specification = Specification();
        if (_lostAnAttempt)
        {
            await EndLostAttemptAsync(specification);
        }

        await SetAsync(TrainStatus.Preparing, "datasets and preprocessor");
        var preparation = new TrainPreparation(services, specification);
        State.PreprocessorJson ??= await preparation.FitAsync(_stopping.Token);
        while (true)
        {
            var datasets = await preparation.MaterializeAsync(State.PreprocessorJson, _stopping.Token);
            await ReadKeptAsync();
            DropReportsAfterLatestCheckpoint();
            if (!await GoesOnAsync())
            {
                return TrainStatus.Stopped;
            }

            State.Attempt++;
            await SetAsync(TrainStatus.Pending, "waits for resources");
            await GrainCalls.RetryAsync(() => Book.BeginEpochAsync(State.Attempt, specification.Checkpoints.Rules));
            var end = await AttemptAsync(specification, datasets);
            TrainMeter.Ended(end.IsPlanned ? "moved" : end.Kind.ToString().ToLowerInvariant());
            switch (end.Kind)
            {
                case WorkerEndKind.Finished:
                    return TrainStatus.Succeeded;
                case WorkerEndKind.Stopped:
                    return TrainStatus.Stopped;
                case WorkerEndKind.Lost when end.IsPlanned:
                    LogMoves(Name, end.Message);
                    break;
                case WorkerEndKind.Lost:
                    State.SiloLosses++;
                    BeginAgainOrThrow(specification, end.Message);
                    break;
                default:
                    State.Errors++;
                    BeginAgainOrThrow(specification, end.Message);
                    break;
            }

            await SetAsync(TrainStatus.Pending, end.Message);
            if (drain.HasBegun)
            {
                await MoveAsync();
                return null;
            }
        }
    }

    /// <summary>
    /// Asks again what the run's listener decided on the latest report, as the answer may have been lost with the workers. It may take long;
    /// no resources are held meanwhile.
    /// </summary>
    private async Task<bool> GoesOnAsync()
    {
        if (Request.Listener is not { } listener || State.History.Count == 0)
        {
            return true;
        }

        var decision = await AskAsync(GrainFactory.GetGrain<IRunListenerGrain>(listener), State.History[^1]);
        State.StopReason ??= decision.Continue ? null : decision.Reason;
        return decision.Continue;
    }

    /// <summary>
    /// This grain stood on a silo that was lost while its workers ran. Where they stand on another, they are stopped and their lease is
    /// given back before the run begins again.
    /// </summary>
    private async Task EndLostAttemptAsync(TrainSpecification specification)
    {
        var group = $"{Name}/{State.Attempt}";
        await TrainAttempt.StopAsync(GrainFactory, group, specification.Scaling.Workers, "the run begins again");
        await services.GetRequiredService<LeaseKeeper>().ReleaseAsync(group, stamp: null, ofHolder: null);
        State.SiloLosses++;
        BeginAgainOrThrow(specification, "The silo of the run was lost.");
    }

    private void BeginAgainOrThrow(TrainSpecification specification, string reason)
    {
        if (FailurePolicy.EndsAfter(specification.Failures, State.SiloLosses, State.Errors, reason) is { } error)
        {
            throw new TrainingException(error);
        }

        LogBeginsAgain(Name, reason);
    }

    private async Task<WorkerEnd> AttemptAsync(
        TrainSpecification specification,
        Dictionary<string, TrainDataset> datasets
    )
    {
        using var activity = TrainMeter.Activities.StartActivity("air.train.attempt");
        activity?.SetTag("air.run", Name).SetTag("air.attempt", State.Attempt);
        // What could be had once may come back, with the silo that was stopped.
        var wanted = specification.Scaling.Request($"{Name}/{State.Attempt}", Name) with
        {
            WaitForCapacity = State.Attempt > 1,
        };
        await using var group = await services
            .GetRequiredService<LeaseKeeper>()
            .AcquireAsync(wanted, reason => Changed($"pending: {reason}"), _stopping.Token);
        try
        {
            _silo = group.Bundles[0].Silo;
            await SetAsync(TrainStatus.Running, $"attempt {State.Attempt} on {_silo}");
            if (drain.HasBegun)
            {
                return new WorkerEnd(WorkerEndKind.Lost, "The silo of the run drains or stops.") { IsPlanned = true };
            }

            var latest = Latest();
            var start = new WorkerStart(
                Name,
                State.Attempt,
                0,
                specification,
                Request.ParametersJson ?? specification.ParametersJson,
                State.PreprocessorJson,
                datasets,
                latest,
                latest?.Iteration ?? 0
            );
            _attempt = new TrainAttempt(GrainFactory, group, start);
            return await _attempt.RunAsync(_stopping.Token);
        }
        finally
        {
            _attempt = null;
            _silo = null;
        }
    }

    /// <summary>What was reported after the latest checkpoint is trained again, and so reported again.</summary>
    private void DropReportsAfterLatestCheckpoint()
    {
        var last = Latest()?.Iteration ?? 0;
        State.History.RemoveAll(report => report.Iteration > last);
    }

    private async Task EndAsync(TrainStatus status, string? error)
    {
        State.Status = status;
        State.Error = error;
        await WriteAsync();
        Changed(error ?? State.StopReason ?? "done");
        if (Request.Listener is { } listener)
        {
            var hears = GrainFactory.GetGrain<IRunListenerGrain>(listener);
            await GrainCalls.RetryAsync(() => hears.OnEndAsync(End()!));
        }
        else
        {
            await NoteEndAsync();
        }
    }
}
