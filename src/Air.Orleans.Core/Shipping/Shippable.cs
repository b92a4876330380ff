using System.Reflection;
using System.Runtime.ConstrainedExecution;

namespace Air.Orleans.Core.Shipping;

/// <summary>The allow-list: what an image may name, and for what. The same on both ends.</summary>
internal static class Shippable
{
    /// <summary>Types of .NET that are taken apart by their fields, because they may hold objects of the user.</summary>
    private static readonly HashSet<Type> Carriers =
    [
        typeof(KeyValuePair<,>),
        typeof(Tuple<>),
        typeof(Tuple<,>),
        typeof(Tuple<,,>),
        typeof(Tuple<,,,>),
        typeof(ValueTuple<>),
        typeof(ValueTuple<,>),
        typeof(ValueTuple<,,>),
        typeof(ValueTuple<,,,>),
        typeof(ValueTuple<,,,,>),
    ];

    /// <summary>Types of .NET whose methods can do no more than compute.</summary>
    private static readonly HashSet<Type> Computing =
    [
        typeof(Math),
        typeof(MathF),
        typeof(Convert),
        typeof(string),
        typeof(char),
        typeof(bool),
        typeof(byte),
        typeof(short),
        typeof(int),
        typeof(long),
        typeof(float),
        typeof(double),
        typeof(decimal),
    ];

    /// <summary>Whether objects of the type are put together field by field.</summary>
    public static bool IsObject(Type type) =>
        !type.IsArray
        && !type.IsEnum
        && !type.IsPrimitive
        && !type.IsPointer
        && !type.IsAbstract
        && !type.IsByRefLike
        && !IsOfSystem(type)
        && (Border.IsOfUser(type.Assembly) || Border.IsLibrary(type.Assembly.GetName().Name ?? "") || IsCarrier(type));

    /// <summary>Whether it is a tuple or pair.</summary>
    public static bool IsCarrier(Type type) =>
        type.IsConstructedGenericType && Carriers.Contains(type.GetGenericTypeDefinition());

    /// <summary>Whether it is a List or HashSet.</summary>
    public static bool IsList(Type type) =>
        type.IsConstructedGenericType
        && type.GetGenericTypeDefinition() is var definition
        && (definition == typeof(List<>) || definition == typeof(HashSet<>));

    /// <summary>Whether it is a Dictionary.</summary>
    public static bool IsDictionary(Type type) =>
        type.IsConstructedGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>);

    /// <summary>Whether its methods may be called on a silo.</summary>
    public static bool HasMethods(Type type) => Border.IsOfUser(type.Assembly) || Computing.Contains(type);

    /// <summary>What has a hold on the process or on the runtime, whoever derived it.</summary>
    private static bool IsOfSystem(Type type) =>
        typeof(Delegate).IsAssignableFrom(type)
        || typeof(MemberInfo).IsAssignableFrom(type)
        || typeof(Assembly).IsAssignableFrom(type)
        || typeof(CriticalFinalizerObject).IsAssignableFrom(type)
        || typeof(MarshalByRefObject).IsAssignableFrom(type);
}
