using System.Text.Json;

namespace Air.Orleans.Tune;

/// <summary>The half-open range [low, high) that uniform and log-uniform domains share: checks, and the fitting of a draw.</summary>
internal static class ContinuousRange
{
    // Beyond 2^53 a double no longer holds every whole number.
    private const double LargestInteger = 1L << 53;

    public static void Check(string verb, string name, double low, double high, NumberKind kind)
    {
        if (!double.IsFinite(low) || !double.IsFinite(high) || low >= high)
        {
            throw new ArgumentException(
                $"{verb} of '{name}' goes from {low:R} to {high:R}, but must have finite bounds with low below high. "
                    + "Change the bounds, or give one value with Choice."
            );
        }

        if (!Enum.IsDefined(kind))
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, $"{verb} of '{name}' has an unknown NumberKind.");
        }

        if (kind == NumberKind.Whole && !(IsWhole(low) && IsWhole(high)))
        {
            throw new ArgumentException(
                $"{verb} of '{name}' goes from {low:R} to {high:R}, but the bounds of a whole-number parameter must be "
                    + "whole numbers within ±2^53. Round the bounds."
            );
        }

        if (kind == NumberKind.SinglePrecision && SmallestSingle(low) >= high)
        {
            throw new ArgumentException(
                $"{verb} of '{name}' goes from {low:R} to {high:R}, but no float lies between. Widen the bounds."
            );
        }
    }

    /// <summary>Gives the draw as a value of the kind, within [low, high) whatever rounding did.</summary>
    public static JsonElement Fit(double draw, double low, double high, NumberKind kind)
    {
        var inside = Math.Clamp(draw, low, Math.BitDecrement(high));
        return kind switch
        {
            NumberKind.Whole => JsonSerializer.SerializeToElement((long)Math.Floor(inside), TuneJson.Options),
            NumberKind.SinglePrecision => JsonSerializer.SerializeToElement(
                FitSingle(inside, low, high),
                TuneJson.Options
            ),
            _ => JsonSerializer.SerializeToElement(inside, TuneJson.Options),
        };
    }

    private static float FitSingle(double draw, double low, double high)
    {
        var single = (float)draw;
        return single >= high ? MathF.BitDecrement(single)
            : single < low ? SmallestSingle(low)
            : single;
    }

    private static float SmallestSingle(double low)
    {
        var single = (float)low;
        return single < low ? MathF.BitIncrement(single) : single;
    }

    private static bool IsWhole(double value) => Math.Floor(value) == value && Math.Abs(value) <= LargestInteger;
}
