using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;

namespace Air.Orleans.Torch.Tests.Parameters;

public sealed class FlatParametersTests
{
    [Fact]
    public void Constructor_Mlp_KeepsValuesAndAligns()
    {
        using var module = TestModules.Mlp();
        var before = TestModules.Bytes(module);

        using var flat = new FlatParameters(module);

        Assert.Equal(
            [("first.weight", 0, 35), ("first.bias", 48, 7), ("second.weight", 64, 21), ("second.bias", 96, 3)],
            flat.Layout.Select(slice => (slice.Name, slice.Offset, slice.Length))
        );
        Assert.Equal([7, 5], flat.Layout[0].Shape);
        Assert.Equal(112, flat.Length);
        Assert.Equal(before, TestModules.Bytes(module));
        foreach (var slice in flat.Layout)
        {
            var bytes = MemoryMarshal.AsBytes(flat.Weights.Slice(slice.Offset, slice.Length)).ToArray();
            Assert.Equal(before[slice.Name], bytes);
        }

        Assert.Equal(0, Address(flat.Weights) % 64);
        Assert.Equal(0, Address(flat.Gradients) % 64);
        Assert.All(flat.Gradients.ToArray(), gradient => Assert.Equal(0f, gradient));
    }

    [Fact]
    public void Views_OverSeveralSteps_StayAndMatchAModuleWithoutThem()
    {
        using var module = TestModules.Convolutional();
        using var plain = TestModules.Convolutional();
        using var flat = new FlatParameters(module);
        var weights = Address(flat.Weights);
        var gradients = Address(flat.Gradients);
        var optimizer = new FlatSgd(0.1);
        using var reference = torch.optim.SGD(plain.parameters(), 0.1);
        for (var step = 0; step < 5; step++)
        {
            flat.ZeroGradients();
            reference.zero_grad();
            // Two batches: the second must add to the first in place.
            for (var batch = 0; batch < 2; batch++)
            {
                var loss = TestModules.Backward(module, seed: step * 2 + batch, 8, 1, 8, 8);
                Assert.Equal(TestModules.Backward(plain, seed: step * 2 + batch, 8, 1, 8, 8), loss, 1e-5f);
            }

            flat.VerifyViews();
            optimizer.Step(flat.Weights, flat.Gradients);
            reference.step();
            flat.VerifyViews();
        }

        Assert.Equal(weights, Address(flat.Weights));
        Assert.Equal(gradients, Address(flat.Gradients));
        var expected = plain.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        foreach (var slice in flat.Layout)
            AssertClose(
                MemoryMarshal.Cast<byte, float>(expected[slice.Name].bytes),
                flat.Weights.Slice(slice.Offset, slice.Length)
            );
    }

    [Fact]
    public void Weights_Written_ChangeTheForwardPass()
    {
        using var module = TestModules.Mlp();
        using var flat = new FlatParameters(module);
        using var input = torch.ones(2, 5);

        flat.Weights.Clear();
        flat.Weights[flat.Layout[^1].Offset] = 4.5f;

        using var output = module.call(input);
        Assert.Equal([4.5f, 0, 0, 4.5f, 0, 0], output.data<float>().ToArray());
    }

    [Fact]
    public void Padding_AfterStepsWithDecay_StaysZero()
    {
        using var module = TestModules.Mlp();
        using var flat = new FlatParameters(module);
        FlatOptimizer[] optimizers =
        [
            new FlatSgd(0.1, momentum: 0.9, weightDecay: 0.1),
            new FlatAdam(0.1, weightDecay: 0.1),
            new FlatAdamW(0.1, weightDecay: 0.1),
        ];
        foreach (var optimizer in optimizers)
        {
            TestModules.Backward(module, seed: 1, 4, 5);
            optimizer.Step(flat.Weights, flat.Gradients);
        }

        var used = flat.Layout.SelectMany(slice => Enumerable.Range(slice.Offset, slice.Length)).ToHashSet();
        var padding = Enumerable.Range(0, flat.Length).Where(i => !used.Contains(i)).ToArray();
        Assert.Equal(112 - 66, padding.Length);
        foreach (var index in padding)
            Assert.Equal((0f, 0f), (flat.Weights[index], flat.Gradients[index]));
    }

    [Fact]
    public void Constructor_FrozenParameters_AreLeftOut()
    {
        using var module = TestModules.Mlp();
        foreach (var (name, parameter) in module.named_parameters())
            parameter.requires_grad = !name.StartsWith("first", StringComparison.Ordinal);
        var before = TestModules.Bytes(module);

        using var flat = new FlatParameters(module);
        TestModules.Backward(module, seed: 1, 4, 5);
        new FlatSgd(0.1).Step(flat.Weights, flat.Gradients);
        flat.VerifyViews();

        Assert.Equal(["second.weight", "second.bias"], flat.Layout.Select(slice => slice.Name));
        var after = TestModules.Bytes(module);
        Assert.Equal(before["first.weight"], after["first.weight"]);
        Assert.NotEqual(before["second.weight"], after["second.weight"]);
    }

    [Fact]
    public void Constructor_TiedWeights_HaveOneSliceAndOneGradient()
    {
        using var module = TorchSeed.Create(1, () => new Tied());

        using var flat = new FlatParameters(module);
        TestModules.Backward(module, seed: 1, 4, 3);
        flat.VerifyViews();

        Assert.Equal(["left.weight"], flat.Layout.Select(slice => slice.Name));
        using var plain = TorchSeed.Create(2, () => new Tied());
        using (torch.no_grad())
        {
            var weight = plain.named_parameters().First().parameter;
            flat.Weights[..9].CopyTo(MemoryMarshal.Cast<byte, float>(weight.bytes));
        }

        TestModules.Backward(plain, seed: 1, 4, 3);
        using var gradient = plain.named_parameters().First().parameter.grad!;
        AssertClose(MemoryMarshal.Cast<byte, float>(gradient.bytes), flat.Gradients[..9]);
    }

    [Fact]
    public void Constructor_OtherTypes_NamesThemAll()
    {
        using var module = TorchSeed.Create(
            1,
            () =>
                torch.nn.Sequential(
                    ("plain", torch.nn.Linear(2, 2)),
                    ("wide", torch.nn.Linear(2, 2, dtype: torch.float64))
                )
        );

        var error = Assert.Throws<ArgumentException>(() => new FlatParameters(module));

        Assert.Contains("'wide.weight' is Float64, 'wide.bias' is Float64", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_NothingToTrain_SaysSo()
    {
        TorchNative.EnsureLoaded();
        using var module = torch.nn.Sequential(("tanh", torch.nn.Tanh()));

        var error = Assert.Throws<ArgumentException>(() => new FlatParameters(module));

        Assert.Contains("no trainable parameter", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void VerifyViews_GradientReplaced_NamesTheParameter()
    {
        using var module = TestModules.Mlp();
        using var flat = new FlatParameters(module);
        flat.VerifyViews();
        module.zero_grad(set_to_none: true);
        TestModules.Backward(module, seed: 1, 4, 5);

        var error = Assert.Throws<InvalidOperationException>(flat.VerifyViews);

        Assert.Contains("gradient of parameter 'first.weight'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void VerifyViews_ModuleConverted_NamesTheParameter()
    {
        using var module = TestModules.Mlp();
        using var flat = new FlatParameters(module);
        module.to(torch.float64);

        var error = Assert.Throws<InvalidOperationException>(flat.VerifyViews);

        Assert.Contains("Parameter 'first.weight' was replaced", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void VerifyViews_ParameterUnfrozen_NamesTheParameter()
    {
        using var module = TestModules.Mlp();
        var frozen = module.named_parameters().First(pair => pair.name == "second.bias").parameter;
        frozen.requires_grad = false;
        using var flat = new FlatParameters(module);
        flat.VerifyViews();
        frozen.requires_grad = true;

        var error = Assert.Throws<InvalidOperationException>(flat.VerifyViews);

        Assert.Contains("Parameter 'second.bias' became trainable", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CopyWeights_ToAnotherModule_MakesThemEqual()
    {
        using var source = TestModules.Mlp(seed: 1);
        using var target = TestModules.Mlp(seed: 2);
        using var flatSource = new FlatParameters(source);
        using var flatTarget = new FlatParameters(target);
        var copy = new float[flatSource.Length];

        flatSource.CopyWeightsTo(copy);
        flatTarget.CopyWeightsFrom(copy);

        Assert.Equal(TestModules.Bytes(source), TestModules.Bytes(target));
        Assert.Throws<ArgumentException>(() => flatSource.CopyWeightsTo(new float[3]));
        Assert.Throws<ArgumentException>(() => flatTarget.CopyWeightsFrom(new float[3]));
    }

    [Fact]
    public void Dispose_ModuleStillUsed_KeepsItsWeights()
    {
        using var module = TestModules.Mlp();
        var before = TestModules.Bytes(module);
        var flat = new FlatParameters(module);
        flat.Dispose();
        flat.Dispose();
        // Would reuse the buffers' memory, had it been freed.
        for (var round = 0; round < 100; round++)
            torch.full(112, 9f).Dispose();

        Assert.Equal(before, TestModules.Bytes(module));
        Assert.True(float.IsFinite(TestModules.Backward(module, seed: 1, 4, 5)));
        Assert.Throws<ObjectDisposedException>(() => flat.Weights.Length);
        Assert.Throws<ObjectDisposedException>(flat.VerifyViews);
    }

    [Fact]
    public void Constructor_InsideADisposeScope_OutlivesIt()
    {
        using var module = TestModules.Mlp();
        FlatParameters flat;
        using (torch.NewDisposeScope())
            flat = new FlatParameters(module);

        using (flat)
        {
            TestModules.Backward(module, seed: 1, 4, 5);
            flat.VerifyViews();
            Assert.Contains(flat.Gradients.ToArray(), gradient => gradient != 0);
        }
    }

    private static unsafe long Address(Span<float> span) =>
        (long)Unsafe.AsPointer(ref MemoryMarshal.GetReference(span));

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-5f);
    }

    /// <summary>Two layers that share one weight, as an embedding and an output layer do.</summary>
    private sealed class Tied : torch.nn.Module<torch.Tensor, torch.Tensor>
    {
        private readonly Linear left = torch.nn.Linear(3, 3, hasBias: false);
        private readonly Linear right = torch.nn.Linear(3, 3, hasBias: false);

        public Tied()
            : base(nameof(Tied))
        {
            RegisterComponents();
            right.weight = left.weight;
        }

        public override torch.Tensor forward(torch.Tensor input) => right.call(left.call(input).tanh());
    }
}
