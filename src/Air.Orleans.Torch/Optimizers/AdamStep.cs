namespace Air.Orleans.Torch.Optimizers;

/// <summary>The coefficients of one step of Adam or AdamW, computed in double precision and rounded once.</summary>
internal readonly record struct AdamStep
{
    /// <summary>Computes the coefficients.</summary>
    /// <param name="stepNumber">1 for the first step.</param>
    /// <param name="learningRate">Step size.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="epsilon">Term in the denominator.</param>
    public AdamStep(long stepNumber, double learningRate, double beta1, double beta2, double epsilon)
    {
        StepSize = (float)(learningRate / (1 - Power(beta1, stepNumber)));
        SquareCorrection = (float)Math.Sqrt(1 - Power(beta2, stepNumber));
        MeanShare = (float)(1 - beta1);
        SquareKept = (float)beta2;
        SquareShare = (float)(1 - beta2);
        Epsilon = (float)epsilon;
    }

    /// <summary>Learning rate over the first moment's bias correction.</summary>
    public float StepSize { get; }

    /// <summary>Square root of the second moment's bias correction.</summary>
    public float SquareCorrection { get; }

    /// <summary>1 - beta1.</summary>
    public float MeanShare { get; }

    /// <summary>beta2.</summary>
    public float SquareKept { get; }

    /// <summary>1 - beta2.</summary>
    public float SquareShare { get; }

    /// <summary>Added to the denominator.</summary>
    public float Epsilon { get; }

    /// <summary>This times the weight is added to its gradient: the L2 penalty of Adam. Default 0.</summary>
    public float GradientDecay { get; init; }

    /// <summary>The weight is multiplied by this first: the decoupled decay of AdamW. Default 1.</summary>
    public float Shrink { get; init; } = 1;

    /// <summary>Power by repeated squaring: Math.Pow may round differently from one C library to the next.</summary>
    private static double Power(double value, long exponent)
    {
        var result = 1.0;
        for (; exponent > 0; exponent >>= 1)
        {
            if ((exponent & 1) == 1)
                result *= value;
            value *= value;
        }

        return result;
    }
}
