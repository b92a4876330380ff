using System.Diagnostics;
using Air.Orleans.Core.Checkpoints;
using Air.Orleans.Core.Shipping;
using Air.Orleans.Data.Execution;
using Air.Orleans.Train.Collectives;
using Air.Orleans.Train.Grains;

namespace Air.Orleans.Train.Workers;

/// <summary>What happens on a worker's thread: the loop is unpacked, given its context and run, and its end is told.</summary>
internal sealed class WorkerSession(
    WorkerStart start,
    IReadOnlyList<int> devices,
    IServiceProvider services,
    Func<bool> isToMove,
    CancellationToken cancellationToken
)
{
    private readonly ICollective _collective = services
        .GetRequiredService<CollectiveHub>()
        .Join(start.Group, start.Rank, start.Specification.Scaling.Workers);

    /// <summary>Runs the loop to its end, whatever that is; raises nothing.</summary>
    public WorkerEnd Run()
    {
        var reports = new WorkerReports(
            start,
            services.GetRequiredService<CheckpointStore>(),
            services.GetRequiredService<IGrainFactory>(),
            isToMove
        );
        try
        {
            using var loop = services.GetRequiredService<ObjectShipper>().Open<ILoopInvoker>(start.Specification.Loop);
            loop.Value.Run(NewContext(reports), start.ParametersJson);
            _collective.Leave($"{reports.Iteration - start.FirstIteration} reports");
            return new WorkerEnd(WorkerEndKind.Finished, "");
        }
        catch (SiloDrainsException)
        {
            return Drained(services.GetRequiredService<ILocalSiloDetails>().SiloAddress);
        }
        catch (TrainingStoppedException stopped)
        {
            return new WorkerEnd(WorkerEndKind.Stopped, stopped.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _collective.Abort("the run was cancelled");
            return new WorkerEnd(WorkerEndKind.Stopped, "cancelled");
        }
        catch (CollectiveAbortedException aborted)
        {
            return new WorkerEnd(WorkerEndKind.Aborted, aborted.Message);
        }
        catch (Exception error)
        {
            var text = Describe(error, reports.Iteration);
            _collective.Abort(text);
            return new WorkerEnd(WorkerEndKind.Failed, text);
        }
    }

    /// <summary>The end of a worker whose silo drains; its run goes on elsewhere.</summary>
    public static WorkerEnd Drained(SiloAddress silo) =>
        new(WorkerEndKind.Lost, $"The silo {silo} of the workers drains.") { IsPlanned = true };

    private TrainContext NewContext(WorkerReports reports)
    {
        var checkpoint = start.ResumeFrom is { } manifest
            ? services.GetRequiredService<CheckpointStore>().ReadAsync(manifest).GetAwaiter().GetResult()
            : null;
        return new TrainContext(
            _collective,
            reports,
            Open,
            start.Run,
            start.Specification.Run.Seed,
            checkpoint,
            devices,
            cancellationToken
        );
    }

    private DatasetShard Open(string name)
    {
        if (!start.Datasets.TryGetValue(name, out var source))
        {
            var names = string.Join(", ", start.Datasets.Keys.Select(static known => $"'{known}'"));
            throw new TrainingException(
                $"the trainer has no dataset '{name}' (datasets: {names}).{NameSuggestion.For(name, start.Datasets.Keys)}"
            );
        }

        var reader = DatasetReader.For(services, source.Plan);
        return new DatasetShard(
            name,
            source.Rows,
            block => reader.BlockAsync(block, cancellationToken).GetAwaiter().GetResult(),
            start.Rank,
            start.Specification.Scaling.Workers,
            start.Specification.Run.Seed
        );
    }

    private string Describe(Exception error, int iteration)
    {
        var where = new StackTrace(error, fNeedFileInfo: true).GetFrame(0);
        var method = where?.GetMethod();
        var place = method is null
            ? ""
            : $" (in {method.DeclaringType?.Name}.{method.Name}"
                + (
                    where!.GetFileName() is { } file
                        ? $", {Path.GetFileName(file)} line {where.GetFileLineNumber()})"
                        : ")"
                );
        var what = error is AirException ? error.Message : $"{error.GetType().Name}: {error.Message}";
        return $"Worker {start.Rank} of {start.Specification.Scaling.Workers} failed after {iteration} reports: {what}{place}";
    }
}
