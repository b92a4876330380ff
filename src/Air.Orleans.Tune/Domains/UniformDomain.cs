using System.Text.Json;
using System.Text.Json.Serialization;

namespace Air.Orleans.Tune;

/// <summary>A number drawn evenly from [<see cref="Low"/>, <see cref="High"/>).</summary>
public sealed record UniformDomain : Domain
{
    /// <summary>Makes the domain.</summary>
    /// <param name="name">The name of the parameter's property.</param>
    /// <param name="low">The smallest value, inclusive.</param>
    /// <param name="high">The bound above, exclusive.</param>
    /// <param name="kind">Which numbers the parameter holds; whole numbers need whole bounds within ±2^53.</param>
    /// <exception cref="ArgumentException">The name is blank, a bound is not finite or not whole where it must be, or
    /// <paramref name="low"/> is not below <paramref name="high"/>.</exception>
    [JsonConstructor]
    public UniformDomain(string name, double low, double high, NumberKind kind = NumberKind.DoublePrecision)
        : base(name)
    {
        ContinuousRange.Check(Verb, name, low, high, kind);
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

    internal override string Verb => "Uniform";

    internal override JsonElement Sample(ref SplitMix64 random)
    {
        var fraction = random.NextDouble();
        // Weighted ends instead of low + fraction * (high - low): the difference of two large bounds may overflow.
        return ContinuousRange.Fit((Low * (1 - fraction)) + (High * fraction), Low, High, Kind);
    }
}
