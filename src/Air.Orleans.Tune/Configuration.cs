using System.Text.Json;
using System.Text.Json.Serialization;

namespace Air.Orleans.Tune;

/// <summary>
/// The parameters that one trial tries: property name to JSON value, in the order of the search space's dimensions. It
/// needs no parameter type, so it can be kept and compared where that type is unknown. Immutable and thread-safe;
/// written to JSON as one object; two configurations are equal when they hold equal values under the same names.
/// </summary>
[JsonConverter(typeof(ConfigurationConverter))]
public sealed class Configuration : IEquatable<Configuration>
{
    private readonly OrderedDictionary<string, JsonElement> values = new(StringComparer.Ordinal);

    /// <summary>Makes a configuration of the given values, which are copied.</summary>
    /// <param name="values">Property name to value, in the order to keep.</param>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> is null.</exception>
    /// <exception cref="ArgumentException">A name is empty or occurs twice.</exception>
    public Configuration(IEnumerable<KeyValuePair<string, JsonElement>> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        foreach (var (name, value) in values)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(name, nameof(values));
            if (!this.values.TryAdd(name, value.Clone()))
            {
                throw new ArgumentException(
                    $"Name '{name}' occurs twice in a configuration. Give each property one value.",
                    nameof(values)
                );
            }
        }
    }

    /// <summary>Gives the configuration that changes nothing.</summary>
    public static Configuration Empty { get; } = new([]);

    /// <summary>Gives the values by property name (case-sensitive), in order.</summary>
    public IReadOnlyDictionary<string, JsonElement> Values => values;

    /// <summary>Gives the value of one property.</summary>
    /// <param name="name">The property's name, case-sensitive.</param>
    /// <exception cref="KeyNotFoundException">The configuration has no such name.</exception>
    public JsonElement this[string name] =>
        values.TryGetValue(name, out var value)
            ? value
            : throw new KeyNotFoundException(
                $"Parameter '{name}' is not in the configuration (names: {NameSuggestion.List(values.Keys)})."
                    + NameSuggestion.For(name, values.Keys)
            );

    /// <summary>Gives the value of one property as a .NET value.</summary>
    /// <typeparam name="T">The type to read; NaN and infinities are read for floating-point types.</typeparam>
    /// <param name="name">The property's name, case-sensitive.</param>
    /// <exception cref="KeyNotFoundException">The configuration has no such name.</exception>
    /// <exception cref="JsonException">The value is not a <typeparamref name="T"/>.</exception>
    public T? Get<T>(string name) => this[name].Deserialize<T>(TuneJson.Options);

    /// <inheritdoc/>
    public bool Equals(Configuration? other) =>
        other is not null
        && other.values.Count == values.Count
        && values.All(pair =>
            other.values.TryGetValue(pair.Key, out var value) && JsonElement.DeepEquals(pair.Value, value)
        );

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Configuration);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        values.Keys.Aggregate(values.Count, (hash, name) => hash ^ StringComparer.Ordinal.GetHashCode(name));

    /// <summary>Gives the configuration as one line of JSON.</summary>
    public override string ToString() => JsonSerializer.Serialize(this, TuneJson.Options);
}
