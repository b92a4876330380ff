using System.Numerics;
using System.Runtime.InteropServices;

namespace Air.Orleans.Torch;

/// <summary>Stochastic gradient descent, with momentum, Nesterov's too.</summary>
/// <remarks>
/// Momentum in the form of Sutskever et al., "On the importance of initialization and momentum in deep learning"
/// (ICML 2013), section 2, as PyTorch's <c>torch.optim.SGD</c> has it: the learning rate multiplies the velocity, and
/// dampening is 0.
/// </remarks>
public sealed class FlatSgd : FlatOptimizer
{
    private const string MomentumBuffer = "momentum_buffer";

    private readonly double momentum;
    private readonly bool nesterov;
    private readonly double weightDecay;
    private float[] velocity = [];

    /// <summary>Sets the hyperparameters.</summary>
    /// <param name="learningRate">Step size, 0 or more.</param>
    /// <param name="momentum">Share of the velocity kept from step to step, in [0, 1). Default 0: no momentum.</param>
    /// <param name="nesterov">Whether to look ahead along the velocity; needs momentum. Default false.</param>
    /// <param name="weightDecay">
    /// L2 penalty, 0 or more: this times the weight is added to its gradient. Default 0.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    /// <exception cref="ArgumentException"><paramref name="nesterov"/> without momentum.</exception>
    public FlatSgd(double learningRate, double momentum = 0, bool nesterov = false, double weightDecay = 0)
        : base(learningRate)
    {
        this.momentum = BelowOne(momentum, nameof(momentum));
        this.nesterov = nesterov;
        this.weightDecay = NotNegative(weightDecay, nameof(weightDecay));
        if (nesterov && momentum == 0)
            throw new ArgumentException("Nesterov momentum needs a momentum above 0, but it is 0.", nameof(nesterov));
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> StateNames => momentum > 0 ? [MomentumBuffer] : [];

    /// <inheritdoc/>
    protected override void StateChanged() => velocity = State.GetValueOrDefault(MomentumBuffer, []);

    /// <inheritdoc/>
    protected override void Update(Span<float> weights, ReadOnlySpan<float> gradients)
    {
        if (momentum == 0)
            UpdatePlain(weights, gradients);
        else
            UpdateWithMomentum(weights, gradients);
    }

    private void UpdatePlain(Span<float> weights, ReadOnlySpan<float> gradients)
    {
        var rate = (float)LearningRate;
        var decay = (float)weightDecay;
        var vectorWeights = MemoryMarshal.Cast<float, Vector<float>>(weights);
        var vectorGradients = MemoryMarshal.Cast<float, Vector<float>>(gradients);
        for (var i = 0; i < vectorWeights.Length; i++)
        {
            var weight = vectorWeights[i];
            vectorWeights[i] = weight - rate * (vectorGradients[i] + decay * weight);
        }

        for (var i = vectorWeights.Length * Vector<float>.Count; i < weights.Length; i++)
            weights[i] -= rate * (gradients[i] + decay * weights[i]);
    }

    private void UpdateWithMomentum(Span<float> weights, ReadOnlySpan<float> gradients)
    {
        var rate = (float)LearningRate;
        var decay = (float)weightDecay;
        var keep = (float)momentum;
        var vectorWeights = MemoryMarshal.Cast<float, Vector<float>>(weights);
        var vectorGradients = MemoryMarshal.Cast<float, Vector<float>>(gradients);
        var vectorVelocity = MemoryMarshal.Cast<float, Vector<float>>(velocity.AsSpan());
        for (var i = 0; i < vectorWeights.Length; i++)
        {
            var weight = vectorWeights[i];
            var gradient = vectorGradients[i] + decay * weight;
            var moved = keep * vectorVelocity[i] + gradient;
            vectorVelocity[i] = moved;
            vectorWeights[i] = weight - rate * (nesterov ? gradient + keep * moved : moved);
        }

        for (var i = vectorWeights.Length * Vector<float>.Count; i < weights.Length; i++)
        {
            var gradient = gradients[i] + decay * weights[i];
            var moved = keep * velocity[i] + gradient;
            velocity[i] = moved;
            weights[i] -= rate * (nesterov ? gradient + keep * moved : moved);
        }
    }
}
