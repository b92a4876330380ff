using System.Text.Json.Serialization;

namespace Air.Orleans.Tune.Tests;

public enum Activation
{
    Relu,
    Tanh,
}

public sealed record Parameters
{
    public double LearningRate { get; init; } = 0.01;
    public float Momentum { get; init; } = 0.9f;
    public int BatchSize { get; init; } = 32;
    public long Steps { get; set; } = 1000;
    public byte Layers { get; init; } = 2;
    public Activation Activation { get; init; }
    public string? Name { get; init; } = "base";
    public double Ratio { get; init; } = double.NaN;

    [JsonPropertyName("weight_decay")]
    public double WeightDecay { get; init; }

    [JsonIgnore]
    public double Hidden { get; init; }
    public double Private { get; private set; }
    public double Computed => LearningRate * 2;
    public Inner Nested { get; init; } = new();

    public sealed record Inner
    {
        public double Rate { get; init; } = 1;
    }
}

public sealed record Positional(double Rate, int Size);

public sealed class NeedsArgument(int size)
{
    public int Size { get; set; } = size;
}

public abstract class AbstractParameters
{
    public double Rate { get; set; }
}
