using System.Text;
using Air.Orleans.Core;
using Air.Orleans.Torch.Prediction;
using Air.Orleans.Train;
using TorchSharp;

namespace Air.Orleans.Torch;

/// <summary>
/// Makes a TorchSharp module from a checkpoint of a <see cref="TorchTrainer{TParameters}"/> and scores rows with it, on the CPU with one
/// thread inside an operator. Immutable; the functions are copied to the silos.
/// </summary>
/// <typeparam name="TParameters">The parameters of the run, which the checkpoint carries.</typeparam>
public sealed class TorchPredictor<TParameters> : IPredictor
{
    private readonly Func<TParameters, torch.nn.Module<torch.Tensor, torch.Tensor>> _create;

    /// <summary>A predictor whose module <paramref name="create"/> makes from the parameters of the run, as in training.</summary>
    public TorchPredictor(Func<TParameters, torch.nn.Module<torch.Tensor, torch.Tensor>> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        _create = create;
    }

    /// <summary>Put on the module's output, (rows) or (rows, k): a sigmoid, say, where the module gives logits.</summary>
    /// <value>Null: the output as it is.</value>
    public Func<torch.Tensor, torch.Tensor>? Output { get; init; }

    /// <summary>The name of the column of predictions: numbers, or vectors where the output has more than one column.</summary>
    /// <value>"predictions".</value>
    public string OutputColumn { get; init; } = "predictions";

    /// <inheritdoc/>
    public IPredictionModel Load(CheckpointContent checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        TorchNative.EnsureLoaded();
        var json = Encoding.UTF8.GetString(checkpoint.Read(CheckpointContent.ParametersFile).Span);
        var module = _create(ParametersJson.Read<TParameters>(json));
        ModuleState.Load(module, checkpoint.Read(Training.TorchFiles.Model));
        return new TorchModel(module, Output, OutputColumn);
    }
}
