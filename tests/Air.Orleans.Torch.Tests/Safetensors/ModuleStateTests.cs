using TorchSharp;

namespace Air.Orleans.Torch.Tests.Safetensors;

public sealed class ModuleStateTests
{
    [Fact]
    public void Save_ModuleWithBuffers_KeepsParametersFrozenOnesAndCounts()
    {
        using var module = TestModules.Convolutional();
        module.named_parameters().First().parameter.requires_grad = false;
        TestModules.Backward(module, seed: 1, 8, 1, 8, 8);

        var reader = new SafetensorsReader(
            ModuleState.Save(module, new Dictionary<string, string> { ["step"] = "12" })
        );

        Assert.Equal(
            [
                "convolution.bias",
                "convolution.weight",
                "head.bias",
                "head.weight",
                "norm.bias",
                "norm.num_batches_tracked",
                "norm.running_mean",
                "norm.running_var",
                "norm.weight",
            ],
            reader.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal)
        );
        Assert.True(reader.TryGetEntry("norm.num_batches_tracked", out var count));
        Assert.Equal(SafetensorsType.I64, count.Type);
        Assert.Equal(1, BitConverter.ToInt64(reader.GetBytes(count.Name).Span));
        Assert.True(reader.TryGetEntry("convolution.weight", out var weight));
        Assert.Equal([4, 1, 3, 3], weight.Shape);
        Assert.Equal("12", reader.Metadata["step"]);
    }

    [Fact]
    public void Load_IntoAFlatModule_IsExactAndKeepsTheViews()
    {
        using var source = TestModules.Convolutional(seed: 1);
        TestModules.Backward(source, seed: 1, 8, 1, 8, 8);
        using var target = TestModules.Convolutional(seed: 2);
        using var flat = new FlatParameters(target);

        var metadata = ModuleState.Load(
            target,
            ModuleState.Save(source, new Dictionary<string, string> { ["a"] = "b" })
        );

        Assert.Equal("b", metadata["a"]);
        Assert.Equal(TestModules.Bytes(source), TestModules.Bytes(target));
        flat.VerifyViews();
        Assert.Equal(ModuleState.Save(source), ModuleState.Save(target));
    }

    [Fact]
    public void Load_NotFitting_ListsEveryFaultAndChangesNothing()
    {
        using var module = TestModules.Mlp();
        using var other = TorchSeed.Create(
            2,
            () =>
                torch.nn.Sequential(
                    ("first", torch.nn.Linear(5, 8)),
                    ("extra", torch.nn.Linear(1, 1, hasBias: false)),
                    ("second", torch.nn.Linear(7, 3, hasBias: false, dtype: torch.float64))
                )
        );
        var before = TestModules.Bytes(module);

        var error = Assert.Throws<InvalidDataException>(() => ModuleState.Load(module, ModuleState.Save(other)));

        Assert.Contains(
            "'first.weight' has shape (8, 5), the module's has (7, 5)",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("'first.bias' has shape (8), the module's has (7)", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "'second.weight' has type F64, the module's has Float32",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("'second.bias' is missing", error.Message, StringComparison.Ordinal);
        Assert.Contains("'extra.weight' is unexpected", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, TestModules.Bytes(module));
    }

    [Fact]
    public void Save_ComplexNumbers_NamesThem()
    {
        TorchNative.EnsureLoaded();
        using var module = new WithBuffer(torch.zeros(2, dtype: torch.complex64));

        var error = Assert.Throws<NotSupportedException>(() => ModuleState.Save(module));

        Assert.Contains("'buffer' is ComplexFloat32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RoundTrip_NotContiguousAndHalf_IsExact()
    {
        TorchNative.EnsureLoaded();
        using var source = new WithBuffer(torch.arange(6, dtype: torch.float16).view(2, 3).t());
        using var target = new WithBuffer(torch.zeros(2, 3, dtype: torch.float16).t());
        Assert.False(target.State.is_contiguous());

        ModuleState.Load(target, ModuleState.Save(source));

        Assert.True(target.State.equal(source.State).all().item<bool>());
    }

    [Theory]
    [InlineData("adam")]
    [InlineData("momentum")]
    public void Resume_FromCheckpointInTheMiddle_IsBitwiseTheSame(string kind)
    {
        using var whole = TestModules.Convolutional(seed: 1);
        using var flat = new FlatParameters(whole);
        var optimizer = Create(kind);
        Train(whole, flat, optimizer, 0, 5);
        var checkpoint = ModuleState.Save(whole);
        var optimizerFile = Save(optimizer);
        Train(whole, flat, optimizer, 5, 10);

        using var resumed = TestModules.Convolutional(seed: 99);
        using var resumedFlat = new FlatParameters(resumed);
        ModuleState.Load(resumed, checkpoint);
        var resumedOptimizer = Create(kind);
        var reader = new SafetensorsReader(optimizerFile);
        resumedOptimizer.Load(
            long.Parse(reader.Metadata["step"]),
            reader.Entries.ToDictionary(entry => entry.Name, entry => reader.GetFloats(entry.Name))
        );
        Train(resumed, resumedFlat, resumedOptimizer, 5, 10);

        Assert.Equal(ModuleState.Save(whole), ModuleState.Save(resumed));
        Assert.Equal(Save(optimizer), Save(resumedOptimizer));
        Assert.NotEqual(checkpoint, ModuleState.Save(resumed));
    }

    private static FlatOptimizer Create(string kind) =>
        kind == "adam" ? new FlatAdam(0.01) : new FlatSgd(0.05, momentum: 0.9, nesterov: true);

    private static void Train(
        torch.nn.Module<torch.Tensor, torch.Tensor> module,
        FlatParameters flat,
        FlatOptimizer optimizer,
        int from,
        int to
    )
    {
        for (var step = from; step < to; step++)
        {
            flat.ZeroGradients();
            TestModules.Backward(module, seed: step, 8, 1, 8, 8);
            GradientClipping.ByNorm(flat.Gradients, 1);
            optimizer.Step(flat.Weights, flat.Gradients);
        }
    }

    private static byte[] Save(FlatOptimizer optimizer)
    {
        var writer = new SafetensorsWriter();
        writer.SetMetadata("step", optimizer.StepCount.ToString());
        foreach (var (name, array) in optimizer.State)
            writer.Add(name, [array.Length], array);
        return writer.ToArray();
    }

    private sealed class WithBuffer : torch.nn.Module
    {
        public WithBuffer(torch.Tensor buffer)
            : base(nameof(WithBuffer))
        {
            State = buffer;
            register_buffer("buffer", buffer);
        }

        public torch.Tensor State { get; }
    }
}
