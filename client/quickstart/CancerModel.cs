using static TorchSharp.torch.nn;
using Tensor = TorchSharp.torch.Tensor;

namespace Air.Orleans.Quickstart;

/// <summary>A small classifier: is the tumour benign?</summary>
public static class CancerModel
{
    /// <summary>How many measurements a row has.</summary>
    public const int Features = 30;

    /// <summary>Maps (rows, 30) to logits (rows, 1).</summary>
    public static Module<Tensor, Tensor> Create(CancerParameters p)
    {
        ArgumentNullException.ThrowIfNull(p);
        return Sequential(Linear(Features, p.HiddenUnits), ReLU(), Linear(p.HiddenUnits, 1));
    }
}
