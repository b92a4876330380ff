using System.Runtime.InteropServices;
using TorchSharp;

namespace Air.Orleans.Torch.Tests.Optimizers;

public sealed class FlatOptimizerTests
{
    // 16 and more for the SIMD loop, 5 for the rest.
    private const int Count = 16 * 3 + 5;

    public static TheoryData<string> Kinds =>
        ["sgd", "sgd-decay", "momentum", "momentum-decay", "nesterov", "adam", "adam-decay", "adamw", "adamw-betas"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Step_FiftyTimes_AgreesWithTorch(string kind)
    {
        TorchNative.EnsureLoaded();
        var (weights, random) = Start();
        using var parameter = new TorchSharp.Modules.Parameter(torch.tensor(weights));
        using var expected = Reference(kind, parameter);
        var optimizer = Create(kind);
        for (var step = 0; step < 50; step++)
        {
            var gradients = Gradients(random);
            using var gradient = torch.tensor(gradients);
            parameter.grad = gradient;
            expected.step();
            optimizer.Step(weights, gradients);
        }

        var torchWeights = MemoryMarshal.Cast<byte, float>(parameter.bytes);
        for (var i = 0; i < Count; i++)
        {
            var tolerance = 1e-5f * Math.Max(Math.Abs(torchWeights[i]), 0.01f);
            Assert.InRange(weights[i], torchWeights[i] - tolerance, torchWeights[i] + tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Load_StateOfAnotherRun_GoesOnBitForBit(string kind)
    {
        var (weights, random) = Start();
        var whole = Create(kind);
        for (var step = 0; step < 7; step++)
            whole.Step(weights, Gradients(random));
        var resumedWeights = (float[])weights.Clone();
        var resumed = Create(kind);
        resumed.Load(whole.StepCount, whole.State);
        for (var step = 0; step < 7; step++)
        {
            var gradients = Gradients(random);
            whole.Step(weights, gradients);
            resumed.Step(resumedWeights, gradients);
        }

        Assert.Equal(14, resumed.StepCount);
        Assert.Equal(Bits(weights), Bits(resumedWeights));
        Assert.Equal(whole.State.Keys, resumed.State.Keys);
        foreach (var (name, array) in whole.State)
        {
            Assert.NotSame(array, resumed.State[name]);
            Assert.Equal(Bits(array), Bits(resumed.State[name]));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Step_SplitAtAnyPlace_GivesTheSameBits(string kind)
    {
        // An element's result must not depend on whether the SIMD loop or the scalar rest computes it.
        var (weights, random) = Start();
        var shifted = weights[3..];
        var whole = Create(kind);
        var part = Create(kind);
        for (var step = 0; step < 5; step++)
        {
            var gradients = Gradients(random);
            whole.Step(weights, gradients);
            part.Step(shifted, gradients.AsSpan(3));
        }

        Assert.Equal(Bits(weights[3..]), Bits(shifted));
    }

    [Fact]
    public void LearningRate_ChangedBetweenSteps_ScalesTheNext()
    {
        var optimizer = new FlatSgd(1);
        float[] weights = [10];
        optimizer.Step(weights, [1]);
        optimizer.LearningRate = 0.5;
        optimizer.Step(weights, [1]);

        Assert.Equal([8.5f], weights);
        Assert.Equal(2, optimizer.StepCount);
        Assert.Empty(optimizer.State);
    }

    [Fact]
    public void Step_OtherLength_IsRefused()
    {
        var optimizer = new FlatAdam();
        optimizer.Step(new float[4], new float[4]);

        Assert.Throws<ArgumentException>(() => optimizer.Step(new float[4], new float[5]));
        var error = Assert.Throws<ArgumentException>(() => optimizer.Step(new float[5], new float[5]));
        Assert.Contains("state is for 4 weights, but there are 5", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, optimizer.StepCount);
    }

    [Fact]
    public void Load_WrongState_IsRefusedAndChangesNothing()
    {
        var adam = new FlatAdam();
        adam.Step(new float[4], [1, 2, 3, 4]);
        var before = adam.State["exp_avg"].ToArray();
        var momentum = new FlatSgd(0.1, momentum: 0.9);
        momentum.Step(new float[4], new float[4]);
        var uneven = new Dictionary<string, float[]> { ["exp_avg"] = new float[2], ["exp_avg_sq"] = new float[3] };

        var error = Assert.Throws<ArgumentException>(() => adam.Load(5, momentum.State));
        Assert.Contains("'exp_avg', 'exp_avg_sq'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'momentum_buffer'", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => adam.Load(5, uneven));
        Assert.Throws<ArgumentException>(() => adam.Load(5, new Dictionary<string, float[]>()));
        Assert.Throws<ArgumentOutOfRangeException>(() => adam.Load(-1, adam.State));

        Assert.Equal(1, adam.StepCount);
        Assert.Equal(before, adam.State["exp_avg"]);
    }

    [Fact]
    public void Load_StateBeforeTheFirstStep_StartsAnew()
    {
        var used = new FlatAdam();
        used.Step(new float[4], new float[4]);

        used.Load(0, new FlatAdam().State);

        Assert.Equal(0, used.StepCount);
        Assert.Empty(used.State);
        used.Step(new float[9], new float[9]);
    }

    [Fact]
    public void Load_OwnState_ChangesNothing()
    {
        var (weights, random) = Start();
        var optimizer = new FlatAdam();
        optimizer.Step(weights, Gradients(random));
        var before = optimizer.State["exp_avg_sq"].ToArray();

        optimizer.Load(optimizer.StepCount, optimizer.State);

        Assert.Equal(before, optimizer.State["exp_avg_sq"]);
    }

    [Fact]
    public void Constructor_OutOfRange_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlatSgd(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlatSgd(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlatSgd(1, momentum: 1));
        Assert.Throws<ArgumentException>(() => new FlatSgd(1, nesterov: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlatAdam(beta1: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlatAdam(epsilon: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlatAdamW(weightDecay: -1));
    }

    private static (float[] Weights, Random Random) Start()
    {
        var random = new Random(11);
        return ([.. Enumerable.Range(0, Count).Select(_ => (float)(random.NextDouble() * 4 - 2))], random);
    }

    private static float[] Gradients(Random random) =>
        [.. Enumerable.Range(0, Count).Select(i => (float)((random.NextDouble() - 0.4) * Math.Pow(10, i % 5 - 2)))];

    private static byte[] Bits(float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static FlatOptimizer Create(string kind) =>
        kind switch
        {
            "sgd" => new FlatSgd(0.01),
            "sgd-decay" => new FlatSgd(0.01, weightDecay: 0.1),
            "momentum" => new FlatSgd(0.01, momentum: 0.9),
            "momentum-decay" => new FlatSgd(0.01, momentum: 0.9, weightDecay: 0.1),
            "nesterov" => new FlatSgd(0.01, momentum: 0.9, nesterov: true, weightDecay: 0.1),
            "adam" => new FlatAdam(0.01),
            "adam-decay" => new FlatAdam(0.01, weightDecay: 0.1),
            "adamw" => new FlatAdamW(0.01),
            _ => new FlatAdamW(0.02, beta1: 0.8, beta2: 0.95, epsilon: 1e-4, weightDecay: 0.3),
        };

    private static torch.optim.Optimizer Reference(string kind, TorchSharp.Modules.Parameter parameter) =>
        kind switch
        {
            "sgd" => torch.optim.SGD([parameter], 0.01),
            "sgd-decay" => torch.optim.SGD([parameter], 0.01, weight_decay: 0.1),
            "momentum" => torch.optim.SGD([parameter], 0.01, momentum: 0.9),
            "momentum-decay" => torch.optim.SGD([parameter], 0.01, momentum: 0.9, weight_decay: 0.1),
            "nesterov" => torch.optim.SGD([parameter], 0.01, momentum: 0.9, nesterov: true, weight_decay: 0.1),
            "adam" => torch.optim.Adam([parameter], 0.01),
            "adam-decay" => torch.optim.Adam([parameter], 0.01, weight_decay: 0.1),
            "adamw" => torch.optim.AdamW([parameter], 0.01, weight_decay: 0.01),
            _ => torch.optim.AdamW([parameter], 0.02, beta1: 0.8, beta2: 0.95, eps: 1e-4, weight_decay: 0.3),
        };
}
