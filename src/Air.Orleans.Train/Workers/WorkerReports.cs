using System.Text;
using Air.Orleans.Core.Checkpoints;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Runs;
using Air.Orleans.Train.Collectives;
using Air.Orleans.Train.Diagnostics;
using Air.Orleans.Train.Grains;

namespace Air.Orleans.Train.Workers;

/// <summary>
/// The way of reports: all workers meet, worker 0 commits the checkpoint and tells the run, and all hear whether to go on. It
/// blocks the worker's thread, which is its own.
/// </summary>
internal sealed class WorkerReports(WorkerStart start, CheckpointStore store, IGrainFactory grains, Func<bool> isToMove)
{
    private const double Stops = 1;
    private const double Drains = 2;

    private readonly double[] _end = new double[1];
    private bool _isTold;

    public int Iteration { get; private set; } = start.FirstIteration;

    /// <summary>Whether the workers are to end and the run goes on elsewhere. Whoever has asked has had his chance to give a checkpoint with the next report.</summary>
    public bool CheckpointIsDue => _isTold |= isToMove();

    public bool AllowNonFinite => start.Specification.Run.AllowNonFiniteMetrics;

    /// <exception cref="TrainingStoppedException">The run is to stop.</exception>
    /// <exception cref="SiloDrainsException">The run goes on from here on another silo.</exception>
    public void Report(
        ICollective collective,
        IReadOnlyDictionary<string, double> metrics,
        CheckpointContent? checkpoint
    )
    {
        var iteration = Iteration + 1;
        collective.Barrier("report", iteration);
        RunDecision? decision = null;
        if (collective.Rank == 0)
        {
            decision = ReportAsync(iteration, metrics, checkpoint).GetAwaiter().GetResult();
        }

        // Worker 0 alone decides, so that all end after the same report.
        _end[0] =
            decision is null ? 0
            : !decision.Continue ? Stops
            : EndsForDrain(checkpoint is not null) ? Drains
            : 0;
        collective.AllReduceSum(_end.AsSpan());
        Iteration = iteration;
        TrainMeter.Reported();
        switch (_end[0])
        {
            case Stops:
                throw new TrainingStoppedException(decision?.Reason ?? "the run is stopped");
            case Drains:
                throw new SiloDrainsException();
        }
    }

    /// <summary>
    /// After a report with a checkpoint nothing is lost. One without is the last only where the loop was told before it that a checkpoint
    /// is due and gave none.
    /// </summary>
    private bool EndsForDrain(bool hasCheckpoint)
    {
        if (!isToMove())
        {
            return false;
        }

        var wasTold = _isTold;
        _isTold = true;
        return hasCheckpoint || wasTold;
    }

    private async Task<RunDecision> ReportAsync(
        int iteration,
        IReadOnlyDictionary<string, double> metrics,
        CheckpointContent? checkpoint
    )
    {
        CheckpointManifest? manifest = null;
        if (checkpoint is not null)
        {
            var draft = new CheckpointManifest
            {
                Id = WorkerStart.CheckpointId(start.Run, start.Attempt, iteration),
                Epoch = start.Attempt,
                Iteration = iteration,
                Metrics = new Dictionary<string, double>(metrics),
            };
            try
            {
                manifest = await store.CommitAsync(draft, Complete(checkpoint));
            }
            catch (StaleWriterException stale)
            {
                return new RunDecision(false, stale.Message);
            }
        }

        var report = new RunReport(iteration, new Dictionary<string, double>(metrics), manifest);
        var run = grains.GetGrain<ITrainRunGrain>(start.Run);
        return await GrainCalls.PollAsync(() => run.ReportAsync(start.Attempt, report));
    }

    private CheckpointContent Complete(CheckpointContent content)
    {
        content.With(CheckpointContent.ParametersFile, Encoding.UTF8.GetBytes(start.ParametersJson));
        return start.PreprocessorJson is { } preprocessor
            ? content.With(CheckpointContent.PreprocessorFile, Encoding.UTF8.GetBytes(preprocessor))
            : content;
    }
}

/// <summary>Leads a worker out of its loop when its silo drains; no error.</summary>
internal sealed class SiloDrainsException() : OperationCanceledException("the silo drains");

/// <summary>Leads a worker out of its loop when its run is to stop; no error.</summary>
internal sealed class TrainingStoppedException(string reason) : OperationCanceledException(reason);
