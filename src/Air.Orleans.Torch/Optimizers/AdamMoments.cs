using System.Numerics;
using System.Runtime.InteropServices;

namespace Air.Orleans.Torch.Optimizers;

/// <summary>The loop that Adam and AdamW share: two moments of the gradient and the step they give.</summary>
/// <remarks>
/// Kingma and Ba, "Adam: A Method for Stochastic Optimization" (ICLR 2015), algorithm 1, in the order of operations of
/// PyTorch's <c>torch.optim.Adam</c>: epsilon is added after the square root is divided by its bias correction.
/// </remarks>
internal static class AdamMoments
{
    /// <summary>The names of the moments in an optimizer's state.</summary>
    public static readonly IReadOnlyList<string> Names = ["exp_avg", "exp_avg_sq"];

    /// <summary>Takes one step over all weights.</summary>
    /// <param name="weights">The weights, changed in place.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="means">First moments, changed in place.</param>
    /// <param name="squares">Second moments, changed in place.</param>
    /// <param name="step">The coefficients of this step.</param>
    public static void Update(
        Span<float> weights,
        ReadOnlySpan<float> gradients,
        Span<float> means,
        Span<float> squares,
        in AdamStep step
    )
    {
        var vectorWeights = MemoryMarshal.Cast<float, Vector<float>>(weights);
        var vectorGradients = MemoryMarshal.Cast<float, Vector<float>>(gradients);
        var vectorMeans = MemoryMarshal.Cast<float, Vector<float>>(means);
        var vectorSquares = MemoryMarshal.Cast<float, Vector<float>>(squares);
        // Copies that stay in registers.
        var (gradientDecay, shrink, meanShare) = (step.GradientDecay, step.Shrink, step.MeanShare);
        var (squareKept, squareShare) = (step.SquareKept, step.SquareShare);
        var (stepSize, squareCorrection) = (step.StepSize, step.SquareCorrection);
        var epsilon = new Vector<float>(step.Epsilon);
        for (var i = 0; i < vectorWeights.Length; i++)
        {
            var weight = vectorWeights[i] * shrink;
            var gradient = vectorGradients[i] + gradientDecay * weight;
            var mean = vectorMeans[i] + meanShare * (gradient - vectorMeans[i]);
            var square = squareKept * vectorSquares[i] + squareShare * gradient * gradient;
            vectorMeans[i] = mean;
            vectorSquares[i] = square;
            var scale = Vector.SquareRoot(square) / squareCorrection + epsilon;
            vectorWeights[i] = weight - stepSize * mean / scale;
        }

        for (var i = vectorWeights.Length * Vector<float>.Count; i < weights.Length; i++)
        {
            var weight = weights[i] * shrink;
            var gradient = gradients[i] + gradientDecay * weight;
            var mean = means[i] + meanShare * (gradient - means[i]);
            var square = squareKept * squares[i] + squareShare * gradient * gradient;
            means[i] = mean;
            squares[i] = square;
            var scale = MathF.Sqrt(square) / squareCorrection + step.Epsilon;
            weights[i] = weight - stepSize * mean / scale;
        }
    }
}
