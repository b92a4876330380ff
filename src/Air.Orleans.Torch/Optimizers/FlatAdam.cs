using Air.Orleans.Torch.Optimizers;

namespace Air.Orleans.Torch;

/// <summary>Adam: steps scaled by running means of the gradient and of its square.</summary>
/// <remarks>
/// Kingma and Ba, "Adam: A Method for Stochastic Optimization" (ICLR 2015), algorithm 1, as PyTorch's
/// <c>torch.optim.Adam</c> without AMSGrad. Weight decay is an L2 penalty on the gradient; for decoupled decay use
/// <see cref="FlatAdamW"/>.
/// </remarks>
public sealed class FlatAdam : FlatOptimizer
{
    private readonly double beta1;
    private readonly double beta2;
    private readonly double epsilon;
    private readonly double weightDecay;
    private float[] means = [];
    private float[] squares = [];

    /// <summary>Sets the hyperparameters; the defaults are PyTorch's.</summary>
    /// <param name="learningRate">Step size, 0 or more. Default 0.001.</param>
    /// <param name="beta1">Decay of the running mean of the gradient, in [0, 1). Default 0.9.</param>
    /// <param name="beta2">Decay of the running mean of its square, in [0, 1). Default 0.999.</param>
    /// <param name="epsilon">Added to the denominator, 0 or more. Default 1e-8.</param>
    /// <param name="weightDecay">
    /// L2 penalty, 0 or more: this times the weight is added to its gradient. Default 0.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public FlatAdam(
        double learningRate = 1e-3,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-8,
        double weightDecay = 0
    )
        : base(learningRate)
    {
        this.beta1 = BelowOne(beta1, nameof(beta1));
        this.beta2 = BelowOne(beta2, nameof(beta2));
        this.epsilon = NotNegative(epsilon, nameof(epsilon));
        this.weightDecay = NotNegative(weightDecay, nameof(weightDecay));
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> StateNames => AdamMoments.Names;

    /// <inheritdoc/>
    protected override void StateChanged()
    {
        means = State.GetValueOrDefault(AdamMoments.Names[0], []);
        squares = State.GetValueOrDefault(AdamMoments.Names[1], []);
    }

    /// <inheritdoc/>
    protected override void Update(Span<float> weights, ReadOnlySpan<float> gradients)
    {
        var step = new AdamStep(StepCount, LearningRate, beta1, beta2, epsilon) { GradientDecay = (float)weightDecay };
        AdamMoments.Update(weights, gradients, means, squares, step);
    }
}
