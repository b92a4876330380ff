using Air.Orleans.Train.Collectives;
using Air.Orleans.Train.Control;
using Air.Orleans.Train.Workers;

namespace Air.Orleans.Train;

/// <summary>
/// What a training loop is given: who it is, its rows, what it does together with the other workers, and how it reports. Every worker must
/// make the same collective calls and reports in the same order. Used by the worker's own thread alone.
/// </summary>
public sealed class TrainContext
{
    private readonly ICollective _collective;
    private readonly WorkerReports _reports;
    private readonly Func<string, DatasetShard> _shards;
    private readonly Dictionary<string, DatasetShard> _opened = [];

    internal TrainContext(
        ICollective collective,
        WorkerReports reports,
        Func<string, DatasetShard> shards,
        string run,
        int seed,
        CheckpointContent? checkpoint,
        IReadOnlyList<int> devices,
        CancellationToken cancellationToken
    )
    {
        _collective = collective;
        _reports = reports;
        _shards = shards;
        Run = run;
        Seed = seed;
        Checkpoint = checkpoint;
        Devices = devices;
        CancellationToken = cancellationToken;
    }

    /// <summary>The run's name.</summary>
    public string Run { get; }

    /// <summary>Which worker this is, from 0.</summary>
    public int Rank => _collective.Rank;

    /// <summary>How many workers there are.</summary>
    public int WorldSize => _collective.WorldSize;

    /// <summary>The run's seed.</summary>
    public int Seed { get; }

    /// <summary>How many reports the run has made, those before a restart included.</summary>
    public int Iteration => _reports.Iteration;

    /// <summary>
    /// The latest checkpoint, where the run begins again after a failure; else null. A loop that can resume reads its state here, and goes
    /// on after <see cref="Iteration"/> reports.
    /// </summary>
    public CheckpointContent? Checkpoint { get; }

    /// <summary>The indices of the GPUs on this worker's silo that are leased for it; none without a GPU.</summary>
    public IReadOnlyList<int> Devices { get; }

    /// <summary>Is cancelled when the run is stopped. Collective calls and reports look at it themselves.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>
    /// Whether the silo of the workers is about to stop, so that the next report should carry a checkpoint: the run goes on from it on another
    /// silo. A loop that gives a checkpoint with every report need not ask.
    /// </summary>
    public bool CheckpointIsDue => _reports.CheckpointIsDue;

    /// <summary>This worker's part of a dataset.</summary>
    /// <exception cref="TrainingException">The trainer has no dataset of that name.</exception>
    public DatasetShard Dataset(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!_opened.TryGetValue(name, out var shard))
        {
            shard = _shards(name);
            _opened.Add(name, shard);
        }

        return shard;
    }

    /// <summary>Replaces the buffer of every worker with the sum of all: the same bits on every worker, run after run.</summary>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    /// <exception cref="AirException">Another worker failed, has ended, or made another call.</exception>
    public void AllReduceSum(Span<float> buffer)
    {
        CancellationToken.ThrowIfCancellationRequested();
        _collective.AllReduceSum(buffer);
    }

    /// <inheritdoc cref="AllReduceSum(Span{float})"/>
    public void AllReduceSum(Span<double> buffer)
    {
        CancellationToken.ThrowIfCancellationRequested();
        _collective.AllReduceSum(buffer);
    }

    /// <summary>Replaces the buffer of every worker with that of worker <paramref name="root"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no worker <paramref name="root"/>.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    /// <exception cref="AirException">Another worker failed, has ended, or made another call.</exception>
    public void Broadcast(Span<float> buffer, int root = 0)
    {
        CancellationToken.ThrowIfCancellationRequested();
        _collective.Broadcast(buffer, root);
    }

    /// <summary>Adds up each of the values over all workers: sums and counts of a metric, say.</summary>
    public double[] Sum(params double[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        double[] sums = [.. values];
        AllReduceSum(sums.AsSpan());
        return sums;
    }

    /// <summary>
    /// Reports metrics and, where given, commits a checkpoint; returns when that is done. Every worker must call it; the metrics and the
    /// checkpoint of worker 0 count, so average what is to be averaged (<see cref="Sum"/>).
    /// </summary>
    /// <param name="metrics">Values by name, such as "loss".</param>
    /// <param name="checkpoint">The files of a checkpoint; only worker 0 need give it.</param>
    /// <exception cref="TrainingException">A metric is NaN or infinite (see <see cref="RunConfig.AllowNonFiniteMetrics"/>).</exception>
    /// <exception cref="OperationCanceledException">The run is to stop here: leave the loop.</exception>
    public void Report(IReadOnlyDictionary<string, double> metrics, CheckpointContent? checkpoint = null)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        CancellationToken.ThrowIfCancellationRequested();
        MetricRules.Check(metrics, Iteration + 1, _reports.AllowNonFinite);
        _reports.Report(_collective, metrics, checkpoint);
    }
}
