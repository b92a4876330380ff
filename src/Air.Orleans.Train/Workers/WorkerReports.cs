using System.Text;
using Air.Orleans.Core.Checkpoints;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Runs;
using Air.Orleans.Train.Collectives;
using Air.Orleans.Train.Grains;

namespace Air.Orleans.Train.Workers;

/// <summary>
/// The way of reports: all workers meet, worker 0 commits the checkpoint and tells the run, and all hear whether to go on. It
/// blocks the worker's thread, which is its own.
/// </summary>
internal sealed class WorkerReports(WorkerStart start, CheckpointStore store, IGrainFactory grains)
{
    private readonly double[] _goOn = new double[1];

    public int Iteration { get; private set; } = start.FirstIteration;

    public bool AllowNonFinite => start.Specification.Run.AllowNonFiniteMetrics;

    /// <exception cref="TrainingStoppedException">The run is to stop.</exception>
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

        _goOn[0] = decision is { Continue: false } ? 1 : 0;
        collective.AllReduceSum(_goOn.AsSpan());
        Iteration = iteration;
        if (_goOn[0] != 0)
        {
            throw new TrainingStoppedException(decision?.Reason ?? "the run is stopped");
        }
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

/// <summary>Leads a worker out of its loop when its run is to stop; no error.</summary>
internal sealed class TrainingStoppedException(string reason) : OperationCanceledException(reason);
