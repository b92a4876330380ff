using System.Text.Json;
using System.Text.Json.Serialization;

namespace Air.Orleans.Tune;

/// <summary>A whole number drawn evenly from <see cref="Low"/> to <see cref="HighExclusive"/> - 1.</summary>
public sealed record IntegerDomain : Domain
{
    /// <summary>Makes the domain.</summary>
    /// <param name="name">The name of the parameter's property.</param>
    /// <param name="low">The smallest value, inclusive.</param>
    /// <param name="highExclusive">The bound above, exclusive.</param>
    /// <exception cref="ArgumentException">The name is blank, or <paramref name="low"/> is not below
    /// <paramref name="highExclusive"/>.</exception>
    [JsonConstructor]
    public IntegerDomain(string name, long low, long highExclusive)
        : base(name)
    {
        if (low >= highExclusive)
        {
            throw new ArgumentException(
                $"RandInt of '{name}' goes from {low} to {highExclusive} (exclusive), but low must be below "
                    + "highExclusive. Change the bounds, or give one value with Choice."
            );
        }

        (Low, HighExclusive) = (low, highExclusive);
    }

    /// <summary>Gives the smallest value, inclusive.</summary>
    public long Low { get; }

    /// <summary>Gives the bound above, exclusive: it is never drawn.</summary>
    public long HighExclusive { get; }

    internal override string Verb => "RandInt";

    internal override JsonElement Sample(ref SplitMix64 random)
    {
        var offset = random.NextBelow(unchecked((ulong)HighExclusive - (ulong)Low));
        return JsonSerializer.SerializeToElement(unchecked(Low + (long)offset), TuneJson.Options);
    }
}
