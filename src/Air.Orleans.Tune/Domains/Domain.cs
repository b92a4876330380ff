using System.Text.Json;
using System.Text.Json.Serialization;

namespace Air.Orleans.Tune;

/// <summary>
/// One dimension of a search space: a parameter's name and what it may be. Immutable, JSON-serialisable (the property
/// <c>kind</c> tells the derived types apart), and free of the parameter type, so that a controller on another machine can
/// draw from it.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(UniformDomain), "uniform")]
[JsonDerivedType(typeof(LogUniformDomain), "logUniform")]
[JsonDerivedType(typeof(IntegerDomain), "integer")]
[JsonDerivedType(typeof(ChoiceDomain), "choice")]
[JsonDerivedType(typeof(GridDomain), "grid")]
public abstract record Domain
{
    private protected Domain(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
    }

    /// <summary>Gives the name of the parameter's property.</summary>
    public string Name { get; }

    // The method of SearchSpace that makes such a domain: the word a user knows it by.
    internal abstract string Verb { get; }

    internal abstract JsonElement Sample(ref SplitMix64 random);

    private protected static IReadOnlyList<JsonElement> CopyValues(
        string verb,
        string name,
        IReadOnlyList<JsonElement> values
    )
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0)
        {
            throw new ArgumentException(
                $"{verb} of '{name}' has no values, but must offer at least one. Add values or drop the dimension.",
                nameof(values)
            );
        }

        return [.. values.Select(value => value.Clone())];
    }
}
