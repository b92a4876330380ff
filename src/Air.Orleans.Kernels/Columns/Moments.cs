namespace Air.Orleans.Kernels.Columns;

/// <summary>
/// Gives count, mean, spread and range of a column, in a form that can be merged: the moments of two parts give those of the
/// whole.
/// </summary>
/// <param name="Count">How many values there are, NaN included, nulls not.</param>
/// <param name="Nulls">How many nulls there are.</param>
/// <param name="Mean">The mean of the values; NaN when one of them is, and when there is none.</param>
/// <param name="M2">The sum of squared distances from the mean; NaN when a value is NaN or infinite, 0 when there is none.</param>
/// <param name="Min">The smallest value; NaN when one of them is, and when there is none.</param>
/// <param name="Max">The largest value; NaN when one of them is, and when there is none.</param>
public readonly record struct Moments(long Count, long Nulls, double Mean, double M2, double Min, double Max)
{
    /// <summary>Gets the moments of no values; merged with others it changes nothing.</summary>
    public static Moments Empty { get; } = new(0, 0, double.NaN, 0, double.NaN, double.NaN);

    /// <summary>
    /// Gives the moments of both parts together, by the pairwise update of Chan, Golub and LeVeque, "Algorithms for Computing
    /// the Sample Variance", The American Statistician 37(3), 1983 (Stanford report STAN-CS-79-773, 1979, equation 2.1).
    /// Associative but for rounding: merge in a fixed order to get the same bits each time.
    /// </summary>
    /// <param name="other">The other part's moments.</param>
    public Moments Merge(Moments other)
    {
        if (other.Count == 0)
        {
            return this with { Nulls = Nulls + other.Nulls };
        }

        if (Count == 0)
        {
            return other with { Nulls = Nulls + other.Nulls };
        }

        var count = Count + other.Count;
        var delta = other.Mean - Mean;
        var share = (double)other.Count / count;
        return new Moments(
            count,
            Nulls + other.Nulls,
            Mean + (delta * share),
            M2 + other.M2 + (delta * delta * Count * share),
            Math.Min(Min, other.Min),
            Math.Max(Max, other.Max)
        );
    }

    /// <summary>Gives the variance, in squared units of the column.</summary>
    /// <param name="ddof">
    /// What is taken off the count in the denominator: 0 for the variance of these values, 1 for the unbiased estimate of the
    /// variance of what they were drawn from.
    /// </param>
    /// <returns>M2 / (Count - ddof); NaN when the denominator is not positive.</returns>
    public double Variance(int ddof = 0) => Count > ddof ? M2 / (Count - ddof) : double.NaN;

    /// <summary>Gives the standard deviation, in units of the column.</summary>
    /// <param name="ddof">As for <see cref="Variance"/>.</param>
    /// <returns>The square root of the variance; NaN when that is.</returns>
    public double StandardDeviation(int ddof = 0) => Math.Sqrt(Variance(ddof));
}
