using System.Runtime.InteropServices;
using TorchSharp;

namespace Air.Orleans.Torch.Tests.Optimizers;

public sealed class GradientClippingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(1003)]
    public void ByNorm_Larger_AgreesWithTorch(int count)
    {
        TorchNative.EnsureLoaded();
        var random = new Random(count);
        float[] gradients = [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 10 + 1))];
        using var parameter = new TorchSharp.Modules.Parameter(torch.zeros(count));
        using var gradient = torch.tensor(gradients);
        parameter.grad = gradient;
        var expectedNorm = torch.nn.utils.clip_grad_norm_([parameter], 0.5);

        var norm = GradientClipping.ByNorm(gradients, 0.5);

        Assert.Equal(expectedNorm, norm, expectedNorm * 1e-5);
        using var clipped = parameter.grad!;
        var expected = MemoryMarshal.Cast<byte, float>(clipped.bytes);
        for (var i = 0; i < count; i++)
            Assert.Equal(expected[i], gradients[i], 1e-5f * expected[i]);
        Assert.Equal(0.5, GradientClipping.ByNorm(gradients, 100), 1e-5);
    }

    [Fact]
    public void ByNorm_Smaller_ChangesNothing()
    {
        float[] gradients = [3, 4];

        Assert.Equal(5, GradientClipping.ByNorm(gradients, 6));

        Assert.Equal([3f, 4f], gradients);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void ByNorm_NotFinite_LeavesTheGradientsForTheCaller(float value)
    {
        float[] gradients = [1, value, 2];

        var norm = GradientClipping.ByNorm(gradients, 1);

        Assert.False(double.IsFinite(norm));
        Assert.Equal([1, value, 2], gradients);
    }

    [Fact]
    public void ByNorm_HugeGradients_DoesNotOverflow()
    {
        float[] gradients = [3e30f, 4e30f];

        Assert.Equal(5e30, GradientClipping.ByNorm(gradients, 1), 1e25);

        Assert.Equal(0.6f, gradients[0], 1e-5f);
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientClipping.ByNorm(gradients, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientClipping.ByNorm(gradients, double.NaN));
    }
}
