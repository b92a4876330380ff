using Air.Orleans.Torch.Native;
using Air.Orleans.Train;
using TorchSharp;

namespace Air.Orleans.Torch.Training;

/// <summary>Prepares a worker's thread for TorchSharp, then runs the loop of the user on it.</summary>
internal sealed class TorchLoopRunner<TParameters>(ITorchLoop<TParameters> loop, int threads) : ITrainLoop<TParameters>
{
    public void Run(TrainContext context, TParameters parameters)
    {
        TorchRuntime.UseThreads(threads);
        using var scope = torch.NewDisposeScope();
        loop.Run(new TorchContext(context), parameters);
    }
}
