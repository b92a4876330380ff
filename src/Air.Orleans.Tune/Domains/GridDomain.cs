using System.Text.Json;
using System.Text.Json.Serialization;

namespace Air.Orleans.Tune;

/// <summary>Values that are all tried: grid dimensions are crossed with each other.</summary>
public sealed record GridDomain : Domain
{
    /// <summary>Makes the domain.</summary>
    /// <param name="name">The name of the parameter's property.</param>
    /// <param name="values">The values as JSON, at least one; copied.</param>
    /// <exception cref="ArgumentException">The name is blank, or there is no value.</exception>
    [JsonConstructor]
    public GridDomain(string name, IReadOnlyList<JsonElement> values)
        : base(name)
    {
        Values = CopyValues(Verb, name, values);
    }

    /// <summary>Gives the values in the order given. Two domains compare this list by reference.</summary>
    public IReadOnlyList<JsonElement> Values { get; }

    internal override string Verb => "Grid";

    internal override JsonElement Sample(ref SplitMix64 random) => Values[(int)random.NextBelow((ulong)Values.Count)];
}
