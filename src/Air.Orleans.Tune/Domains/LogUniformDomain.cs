using System.Text.Json;
using System.Text.Json.Serialization;

namespace Air.Orleans.Tune;

/// <summary>A positive number whose logarithm is drawn evenly from [ln <see cref="Low"/>, ln <see cref="High"/>).</summary>
/// <remarks>The same seed gives the same draw up to the last digit, in which the exp and ln of platforms may differ.</remarks>
public sealed record LogUniformDomain : Domain
{
    /// <summary>Makes the domain.</summary>
    /// <param name="name">The name of the parameter's property.</param>
    /// <param name="low">The smallest value, inclusive, above 0.</param>
    /// <param name="high">The bound above, exclusive.</param>
    /// <param name="kind">Which numbers the parameter holds; whole numbers need whole bounds within ±2^53.</param>
    /// <exception cref="ArgumentException">The name is blank, a bound is not finite or not whole where it must be,
    /// <paramref name="low"/> is not above 0, or not below <paramref name="high"/>.</exception>
    [JsonConstructor]
    public LogUniformDomain(string name, double low, double high, NumberKind kind = NumberKind.DoublePrecision)
        : base(name)
    {
        ContinuousRange.Check(Verb, name, low, high, kind);
        if (low <= 0)
        {
            throw new ArgumentException(
                $"LogUniform of '{name}' starts at {low:R}, but a logarithm needs a low above 0. "
                    + "Raise low, or use Uniform.",
                nameof(low)
            );
        }

        (Low, High, Kind) = (low, high, kind);
    }

    /// <summary>Gives the smallest value, inclusive.</summary>
    public double Low { get; }

    /// <summary>Gives the bound above, exclusive.</summary>
    public double High { get; }

    /// <summary>Gives which numbers the parameter holds.</summary>
    /// <value><see cref="NumberKind.DoublePrecision"/>.</value>
    [JsonPropertyName("number")]
    public NumberKind Kind { get; }

    internal override string Verb => "LogUniform";

    internal override JsonElement Sample(ref SplitMix64 random)
    {
        var fraction = random.NextDouble();
        var logarithm = (Math.Log(Low) * (1 - fraction)) + (Math.Log(High) * fraction);
        return ContinuousRange.Fit(Math.Exp(logarithm), Low, High, Kind);
    }
}
