using Air.Orleans.Core;
using Air.Orleans.Train;
using TorchSharp;

namespace Air.Orleans.Torch;

/// <summary>
/// What a loop in TorchSharp is given: the worker's <see cref="TrainContext"/>, its rows as tensors, and its replica of the model. Every
/// worker must make the same collective calls and reports in the same order. Used by the worker's own thread alone.
/// </summary>
public sealed class TorchContext
{
    internal TorchContext(TrainContext worker) => Worker = worker;

    /// <summary>The worker without tensors: datasets as Arrow batches, all-reduce over spans.</summary>
    public TrainContext Worker { get; }

    /// <summary>Which worker this is, from 0.</summary>
    public int Rank => Worker.Rank;

    /// <summary>How many workers there are.</summary>
    public int WorldSize => Worker.WorldSize;

    /// <summary>
    /// Where this worker computes: the GPU that is leased for it, where one is and this build of torch has CUDA; else the CPU. Modules that
    /// are prepared stay on the CPU; move batches and layers of one's own to it.
    /// </summary>
    public torch.Device Device =>
        Worker.Devices.Count > 0 && torch.cuda.is_available()
            ? torch.device(DeviceType.CUDA, Worker.Devices[0])
            : torch.CPU;

    /// <summary>
    /// How many reports the run has made. A loop that reports once in an epoch begins with this epoch: 0 at first, and the one after the
    /// latest checkpoint where the run begins again.
    /// </summary>
    public int Iteration => Worker.Iteration;

    /// <summary>Is cancelled when the run is stopped.</summary>
    public CancellationToken CancellationToken => Worker.CancellationToken;

    /// <summary>
    /// Makes this worker's replica of a model: its weights depend on the run's seed alone and are equal on all workers; where the run begins
    /// again, weights and optimizer are those of the latest checkpoint.
    /// </summary>
    /// <param name="create">Makes the module; called once, with torch's generator seeded.</param>
    /// <param name="optimizer">The optimizer, which this replica owns from now on.</param>
    /// <exception cref="ArgumentException">The module has no trainable parameter, or some that are not float32.</exception>
    /// <exception cref="InvalidDataException">The checkpoint does not fit the module.</exception>
    public TorchReplica<TModule> Prepare<TModule>(Func<TModule> create, FlatOptimizer optimizer)
        where TModule : torch.nn.Module
    {
        ArgumentNullException.ThrowIfNull(create);
        ArgumentNullException.ThrowIfNull(optimizer);
        return new TorchReplica<TModule>(Worker, TorchSeed.Create(Worker.Seed, create), optimizer);
    }

    /// <summary>This worker's rows of a dataset as tensors.</summary>
    /// <param name="dataset">The dataset's name in the trainer.</param>
    /// <param name="features">A column of vectors, as a Concatenator makes it, or a numeric column.</param>
    /// <param name="label">A numeric column without nulls; null where there is none.</param>
    /// <exception cref="TrainingException">There is no such dataset or column, or a label is null.</exception>
    public TensorShard Tensors(string dataset, string features = "features", string? label = null) =>
        new(Worker.Dataset(dataset), features, label);

    /// <summary>Adds up each of the values over all workers: sums and counts of a metric, say.</summary>
    public double[] Sum(params double[] values) => Worker.Sum(values);

    /// <inheritdoc cref="TrainContext.Report"/>
    public void Report(IReadOnlyDictionary<string, double> metrics, CheckpointContent? checkpoint = null) =>
        Worker.Report(metrics, checkpoint);
}
