using Air.Orleans.Torch.Native;
using TorchSharp;

namespace Air.Orleans.Torch.Tests.Native;

public sealed class TorchRuntimeTests
{
    [Fact]
    public void EnsureLoaded_FromManyThreads_LoadsOnce()
    {
        Parallel.For(0, 8, _ => TorchNative.EnsureLoaded());

        Assert.NotNull(TorchRuntime.Malloc);
        Assert.NotNull(TorchRuntime.Libraries);
        var first = TorchRuntime.Libraries;
        TorchNative.EnsureLoaded();
        Assert.Same(first, TorchRuntime.Libraries);
    }

    [Fact]
    public void EnsureLoaded_Always_LeavesTheShippedLibraryAndTheOutputAlone()
    {
        TorchNative.EnsureLoaded();
        using var tensor = torch.ones(3);

        // TorchSharp's own fallback would have made this copy of libtorch.
        Assert.False(Directory.Exists(Path.Combine(AppContext.BaseDirectory, "cpu")));
        if (!OperatingSystem.IsLinux())
            return;
        // It can be patched, so it is not: the output is a hard link to the package cache.
        var shipped = NativeFolders.Find(NativeFolders.OfThisProcess(), NativeTorch.LinuxLibrary)!;
        ElfSymbolWeakener.Weaken(File.ReadAllBytes(shipped), NativeTorch.MissingVersion, NativeTorch.MissingSymbol);
        Assert.Equal(TorchRuntime.Libraries!.Patched, shipped != TorchRuntime.Libraries.LibraryPath);
    }

    [Fact]
    public void Load_FoldersWithoutLibraries_NamesFileFoldersAndPackage()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var empty = Directory.CreateTempSubdirectory("air-empty-");
        try
        {
            var error = Assert.Throws<TorchNativeException>(() => NativeTorch.Load([empty.FullName]));

            Assert.Contains("libLibTorchSharp.so", error.Message, StringComparison.Ordinal);
            Assert.Contains(empty.FullName, error.Message, StringComparison.Ordinal);
            Assert.Contains("Reference the package TorchSharp", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            empty.Delete();
        }
    }

    [Fact]
    public void UseThreads_OnItsOwnThread_LeavesOtherThreadsAlone()
    {
        TorchRuntime.UseThreads(1);
        var inside = 0;
        var thread = new Thread(() =>
        {
            TorchRuntime.UseThreads(2);
            inside = torch.get_num_threads();
        });
        thread.Start();
        thread.Join();

        Assert.Equal(2, inside);
        Assert.Equal(1, torch.get_num_threads());
        Assert.Throws<ArgumentOutOfRangeException>(() => TorchRuntime.UseThreads(0));
    }

    [Fact]
    public void TrainingStep_AfterLoading_LowersTheLoss()
    {
        using var module = TestModules.Convolutional();
        using var parameters = new FlatParameters(module);
        var optimizer = new FlatAdam(learningRate: 0.01);
        var losses = new List<float>();
        for (var step = 0; step < 30; step++)
        {
            parameters.ZeroGradients();
            losses.Add(TestModules.Backward(module, seed: 3, 16, 1, 8, 8));
            optimizer.Step(parameters.Weights, parameters.Gradients);
        }

        Assert.InRange(losses[^1], 0, losses[0] / 3);
    }
}
