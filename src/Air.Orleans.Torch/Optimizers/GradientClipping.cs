using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Air.Orleans.Torch;

/// <summary>Keeps gradients from growing without bound.</summary>
public static class GradientClipping
{
    /// <summary>What PyTorch adds to the norm before it divides by it.</summary>
    private const double Guard = 1e-6;

    /// <summary>Scales the gradients down so that their L2 norm is at most <paramref name="maxNorm"/>.</summary>
    /// <remarks>
    /// Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks" (ICML 2013),
    /// section 3.2, with the factor of PyTorch's <c>clip_grad_norm_</c>: maxNorm / (norm + 1e-6), and 1 at most. The
    /// squares are summed in double precision in a fixed order, eight partial sums whatever the SIMD width, so every
    /// machine finds the same norm. Call it after the all-reduce, over all gradients at once.
    /// </remarks>
    /// <param name="gradients">The gradients, scaled in place.</param>
    /// <param name="maxNorm">The largest norm allowed, above 0.</param>
    /// <returns>
    /// The norm before scaling. When it is not finite (a NaN or infinite gradient) the gradients are left as they are,
    /// for the caller to say at which step that was.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxNorm"/> is not above 0.</exception>
    public static double ByNorm(Span<float> gradients, double maxNorm)
    {
        if (!(maxNorm > 0))
            throw new ArgumentOutOfRangeException(nameof(maxNorm), maxNorm, "maxNorm must be above 0.");
        var norm = Math.Sqrt(SumOfSquares(gradients));
        var factor = (float)(maxNorm / (norm + Guard));
        if (!double.IsFinite(norm) || factor >= 1)
            return norm;
        var vectors = MemoryMarshal.Cast<float, Vector512<float>>(gradients);
        for (var i = 0; i < vectors.Length; i++)
            vectors[i] *= factor;
        for (var i = vectors.Length * Vector512<float>.Count; i < gradients.Length; i++)
            gradients[i] *= factor;
        return norm;
    }

    private static double SumOfSquares(ReadOnlySpan<float> values)
    {
        var vectors = MemoryMarshal.Cast<float, Vector512<float>>(values);
        var sums = Vector512<double>.Zero;
        foreach (var vector in vectors)
        {
            var (lower, upper) = Vector512.Widen(vector);
            sums += lower * lower;
            sums += upper * upper;
        }

        // Lane by lane: Vector512.Sum adds in an order that depends on the hardware.
        var sum = 0.0;
        for (var lane = 0; lane < Vector512<double>.Count; lane++)
            sum += sums[lane];
        foreach (var value in values[(vectors.Length * Vector512<float>.Count)..])
            sum += (double)value * value;
        return sum;
    }
}
