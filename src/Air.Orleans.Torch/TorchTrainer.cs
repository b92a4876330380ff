using Air.Orleans.Torch.Training;
using Air.Orleans.Train;

namespace Air.Orleans.Torch;

/// <summary>
/// A data-parallel trainer for a loop in TorchSharp. Each worker uses as many threads inside an operator as it has CPUs, at least one;
/// libtorch is loaded, and malloc tuned, before the loop begins.
/// </summary>
/// <typeparam name="TParameters">A record or class that System.Text.Json can write and read.</typeparam>
public sealed record TorchTrainer<TParameters> : Trainer<TParameters>
{
    /// <summary>A trainer that runs <paramref name="loop"/> on every worker.</summary>
    public TorchTrainer(ITorchLoop<TParameters> loop)
    {
        ArgumentNullException.ThrowIfNull(loop);
        Loop = loop;
    }

    /// <summary>The loop that every worker runs.</summary>
    public ITorchLoop<TParameters> Loop { get; }

    private protected override ITrainLoop<TParameters> WorkerLoop =>
        new TorchLoopRunner<TParameters>(Loop, (int)Math.Max(1, Scaling.ResourcesPerWorker?.Cpu ?? 1));
}
