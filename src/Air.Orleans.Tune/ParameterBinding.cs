using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Air.Orleans.Tune;

/// <summary>Finds the properties that lambdas and configurations name, and carries values into them through JSON.</summary>
internal static class ParameterBinding
{
    private static readonly Dictionary<Type, (decimal Low, decimal High)> IntegerRanges = new()
    {
        [typeof(byte)] = (byte.MinValue, byte.MaxValue),
        [typeof(sbyte)] = (sbyte.MinValue, sbyte.MaxValue),
        [typeof(short)] = (short.MinValue, short.MaxValue),
        [typeof(ushort)] = (ushort.MinValue, ushort.MaxValue),
        [typeof(int)] = (int.MinValue, int.MaxValue),
        [typeof(uint)] = (uint.MinValue, uint.MaxValue),
        [typeof(long)] = (long.MinValue, long.MaxValue),
        [typeof(ulong)] = (ulong.MinValue, ulong.MaxValue),
    };

    /// <summary>Refuses a type whose instances cannot be made: abstract, or a class that is no record and needs arguments.</summary>
    public static void CheckType(Type type)
    {
        // A record is known by the clone method that `with` calls; its name cannot be written in C#.
        var isRecord = type.GetMethod("<Clone>$", BindingFlags.Public | BindingFlags.Instance) is not null;
        var isMakeable = type.IsValueType || isRecord || type.GetConstructor(Type.EmptyTypes) is not null;
        if (type.IsAbstract || type.IsPrimitive || !isMakeable || JsonType(type).Kind != JsonTypeInfoKind.Object)
        {
            throw new ArgumentException(
                $"{type.Name} cannot be the parameters of a search: they must be a concrete class with a public "
                    + "parameterless constructor, a record, or a struct, with settable properties. Give it such a "
                    + "constructor or make it a record."
            );
        }
    }

    public static PropertyInfo Property(LambdaExpression parameter, string verb)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        var body = parameter.Body;
        while (body is UnaryExpression { NodeType: ExpressionType.Convert or ExpressionType.ConvertChecked } convert)
        {
            body = convert.Operand;
        }

        if (
            body is MemberExpression { Member: PropertyInfo property, Expression: var owner }
            && owner == parameter.Parameters[0]
        )
        {
            return Property(parameter.Parameters[0].Type, property.Name);
        }

        throw new ArgumentException(
            $"{verb}({parameter}) does not name a property of {parameter.Parameters[0].Type.Name}: the lambda must be "
                + "one property of the parameters themselves, such as p => p.LearningRate. Move a nested value, field or "
                + "computed value into such a property.",
            nameof(parameter)
        );
    }

    public static PropertyInfo Property(Type type, string name)
    {
        var settable = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0)
            .DistinctBy(property => property.Name, StringComparer.Ordinal)
            .ToDictionary(property => property.Name, StringComparer.Ordinal);
        if (!settable.TryGetValue(name, out var found))
        {
            throw new ArgumentException(
                $"'{name}' is not a settable property of {type.Name} (settable: {NameSuggestion.List(settable.Keys)}): "
                    + "a searched parameter needs a public set or init."
                    + NameSuggestion.For(name, settable.Keys)
            );
        }

        JsonName(found);
        return found;
    }

    /// <summary>Gives the name under which JSON carries the property.</summary>
    public static string JsonName(Type type, string name) => JsonName(Property(type, name));

    public static NumberKind KindOf(PropertyInfo property, string verb) =>
        property.PropertyType == typeof(double) ? NumberKind.DoublePrecision
        : property.PropertyType == typeof(float) ? NumberKind.SinglePrecision
        : IntegerRanges.ContainsKey(property.PropertyType) ? NumberKind.Whole
        : throw new ArgumentException(
            $"{verb} of '{property.Name}' is for numbers, but the property is a {property.PropertyType.Name}. "
                + "Use Choice or Grid, or make it a double, float, long or int."
        );

    public static void CheckIntegerRange(PropertyInfo property, string verb, long low, long highExclusive)
    {
        if (!IntegerRanges.TryGetValue(property.PropertyType, out var range))
        {
            throw new ArgumentException(
                $"{verb} of '{property.Name}' is for whole numbers, but the property is a "
                    + $"{property.PropertyType.Name}. Use Choice or Grid, or make it a long or int."
            );
        }

        if (low < range.Low || highExclusive - 1m > range.High)
        {
            throw new ArgumentException(
                $"{verb} of '{property.Name}' goes from {low} to {highExclusive} (exclusive), but {property.PropertyType.Name} "
                    + $"holds {range.Low} to {range.High}. Narrow the bounds or widen the property's type."
            );
        }
    }

    /// <summary>Gives the values as JSON in the property's own type, so that what is tried is what was written down.</summary>
    public static IReadOnlyList<JsonElement> ToJson<TValue>(
        PropertyInfo property,
        string verb,
        IReadOnlyList<TValue> values
    )
    {
        ArgumentNullException.ThrowIfNull(values);
        var elements = new List<JsonElement>(values.Count);
        foreach (var value in values)
        {
            try
            {
                var written = JsonSerializer.SerializeToElement(value, TuneJson.Options);
                var read = written.Deserialize(property.PropertyType, TuneJson.Options);
                elements.Add(JsonSerializer.SerializeToElement(read, property.PropertyType, TuneJson.Options));
            }
            catch (Exception fault) when (fault is JsonException or NotSupportedException)
            {
                throw new ArgumentException(
                    $"{verb} of '{property.Name}' offers {Show(value)}, but the property holds a "
                        + $"{property.PropertyType.Name} that JSON can carry. Change the value or the property's type.",
                    nameof(values),
                    fault
                );
            }
        }

        return elements;
    }

    public static object Apply(object baseline, Configuration configuration)
    {
        var type = baseline.GetType();
        try
        {
            var json = JsonSerializer.SerializeToNode(baseline, type, TuneJson.Options)!.AsObject();
            foreach (var (name, value) in configuration.Values)
            {
                var property = Property(type, name);
                CheckFits(property, value);
                json[JsonName(property)] = JsonNode.Parse(value.GetRawText());
            }

            // The text of an object is never the null literal, so neither is what it is read as.
            return json.Deserialize(type, TuneJson.Options)!;
        }
        catch (Exception fault) when (fault is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new ArgumentException(
                $"{type.Name} with {configuration} cannot be copied through JSON, but the parameters of a trial must "
                    + $"survive System.Text.Json: {fault.Message}",
                fault
            );
        }
    }

    private static void CheckFits(PropertyInfo property, JsonElement value)
    {
        try
        {
            value.Deserialize(property.PropertyType, TuneJson.Options);
        }
        catch (JsonException fault)
        {
            throw new ArgumentException(
                $"The configuration gives '{property.Name}' the value {value.GetRawText()}, but the property of "
                    + $"{property.DeclaringType?.Name} is a {property.PropertyType.Name}. Search it in values of its type.",
                fault
            );
        }
    }

    private static string JsonName(PropertyInfo property)
    {
        var owner = property.ReflectedType ?? property.PropertyType;
        var found = JsonType(owner)
            .Properties.FirstOrDefault(candidate =>
                candidate.AttributeProvider is PropertyInfo carried && carried.Name == property.Name
            );
        return found is { Get: not null }
            ? found.Name
            : throw new ArgumentException(
                $"Property '{property.Name}' of {owner.Name} is left out of JSON, but a searched parameter travels as "
                    + "JSON. Remove its [JsonIgnore]."
            );
    }

    private static string Show<TValue>(TValue value) => value is null ? "null" : $"'{value}'";

    private static JsonTypeInfo JsonType(Type type)
    {
        try
        {
            return TuneJson.Options.GetTypeInfo(type);
        }
        catch (Exception fault) when (fault is NotSupportedException or InvalidOperationException)
        {
            throw new ArgumentException(
                $"{type.Name} cannot be the parameters of a search, as System.Text.Json cannot carry it: {fault.Message}",
                fault
            );
        }
    }
}
