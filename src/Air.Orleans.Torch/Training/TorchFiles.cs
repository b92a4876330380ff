namespace Air.Orleans.Torch.Training;

/// <summary>The files that this library puts into checkpoints.</summary>
internal static class TorchFiles
{
    public const string Model = "model.safetensors";
    public const string Optimizer = "optimizer.safetensors";
}
