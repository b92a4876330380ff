using TorchSharp;
using TorchSharp.Modules;

namespace Air.Orleans.Torch.Tests;

/// <summary>Small modules and data for the tests, all made from seeds.</summary>
/// <remarks>
/// Tests run side by side, and torch's generator is the process's: every module is made under <see cref="TorchSeed"/>.
/// </remarks>
internal static class TestModules
{
    static TestModules() => TorchNative.EnsureLoaded();

    /// <summary>Linear(5, 7), tanh, Linear(7, 3): none of its sizes is a multiple of 16.</summary>
    public static Sequential Mlp(long seed = 1) =>
        TorchSeed.Create(
            seed,
            () =>
                torch.nn.Sequential(
                    ("first", torch.nn.Linear(5, 7)),
                    ("tanh", torch.nn.Tanh()),
                    ("second", torch.nn.Linear(7, 3))
                )
        );

    /// <summary>Has a convolution, a BatchNorm with its buffers, and dropout.</summary>
    public static Sequential Convolutional(long seed = 1) =>
        TorchSeed.Create(
            seed,
            () =>
                torch.nn.Sequential(
                    ("convolution", torch.nn.Conv2d(1, 4, 3)),
                    ("norm", torch.nn.BatchNorm2d(4)),
                    ("relu", torch.nn.ReLU()),
                    ("flatten", torch.nn.Flatten()),
                    ("head", torch.nn.Linear(4 * 6 * 6, 3))
                )
        );

    /// <summary>Adds a batch's gradients to the module's and gives the loss.</summary>
    public static float Backward(torch.nn.Module<torch.Tensor, torch.Tensor> module, long seed, params long[] shape)
    {
        using var scope = torch.NewDisposeScope();
        var random = new Random((int)seed);
        var count = shape.Aggregate(1L, (product, dimension) => product * dimension);
        var features = Enumerable.Range(0, (int)count).Select(_ => (float)random.NextDouble() - 0.5f).ToArray();
        var labels = Enumerable.Range(0, (int)shape[0]).Select(_ => (long)random.Next(3)).ToArray();
        var output = module.call(torch.tensor(features).view(shape));
        var loss = torch.nn.functional.cross_entropy(output, torch.tensor(labels));
        loss.backward();
        return loss.item<float>();
    }

    /// <summary>All weights of a module as bytes, by name.</summary>
    public static Dictionary<string, byte[]> Bytes(torch.nn.Module module) =>
        module.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.bytes.ToArray());
}
