using TorchSharp.Modules;

namespace Air.Orleans.Torch.Tests.Native;

public sealed class TorchSeedTests
{
    [Fact]
    public void Create_ManyThreadsAtOnce_WeightsDependOnTheSeedAlone()
    {
        var modules = new Sequential[64];
        Parallel.For(0, modules.Length, i => modules[i] = TestModules.Mlp(seed: i % 4));

        var bySeed = Enumerable.Range(0, 4).Select(seed => Weights(TestModules.Mlp(seed))).ToArray();

        Assert.Equal(4, bySeed.Distinct().Count());
        for (var i = 0; i < modules.Length; i++)
            Assert.Equal(bySeed[i % 4], Weights(modules[i]));
    }

    [Fact]
    public void Create_Nested_DoesNotBlock()
    {
        var result = TorchSeed.Create(1, () => TorchSeed.Create(2, () => 7));

        Assert.Equal(7, result);
        Assert.Throws<ArgumentNullException>(() => TorchSeed.Create<int>(1, null!));
    }

    private static string Weights(Sequential module)
    {
        using (module)
            return Convert.ToHexString(ModuleState.Save(module));
    }
}
