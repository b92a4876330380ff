namespace Air.Orleans.Quickstart;

/// <summary>What the training of the quick start can be told, and what is tuned.</summary>
public sealed record CancerParameters
{
    /// <summary>Adam's step size.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>How wide the hidden layer is.</summary>
    public int HiddenUnits { get; init; } = 16;

    /// <summary>How often all rows are gone through.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>How many rows each worker takes in one step.</summary>
    public int BatchSize { get; init; } = 16;
}
