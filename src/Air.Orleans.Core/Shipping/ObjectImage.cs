namespace Air.Orleans.Core.Shipping;

/// <summary>
/// The travelling form of an object of the user (a training loop, a predictor) or of a delegate: what code it is, by
/// type, method and build, and the values of its fields. Made and read by <see cref="ObjectShipper"/>.
/// </summary>
[GenerateSerializer, Immutable, Alias("air.core.ObjectImage")]
internal abstract record ObjectImage;

/// <summary>The null reference.</summary>
[GenerateSerializer, Immutable, Alias("air.core.ObjectImage.Null")]
internal sealed record NullImage : ObjectImage;

/// <summary>A value that the serializer of Orleans carries: numbers, text, arrays, collections, marked types. Never of a type of the user.</summary>
[GenerateSerializer, Immutable, Alias("air.core.ObjectImage.Value")]
internal sealed record ValueImage([property: Id(0)] byte[] Bytes) : ObjectImage;

/// <summary>A value of an enumeration of the user.</summary>
[GenerateSerializer, Immutable, Alias("air.core.ObjectImage.Enum")]
internal sealed record EnumImage([property: Id(0)] TypeImage Type, [property: Id(1)] string Value) : ObjectImage;

/// <summary>Another place where the object number <paramref name="Number"/> of this image stands.</summary>
[GenerateSerializer, Immutable, Alias("air.core.ObjectImage.Reference")]
internal sealed record ReferenceImage([property: Id(0)] int Number) : ObjectImage;

/// <summary>An object, field by field.</summary>
[GenerateSerializer, Immutable, Alias("air.core.ObjectImage.Fields")]
internal sealed record FieldsImage([property: Id(0)] TypeImage Type, [property: Id(1)] FieldImage[] Fields)
    : ObjectImage;

/// <summary>An array, a List or a HashSet of objects of the user: its items in their order.</summary>
[GenerateSerializer, Immutable, Alias("air.core.ObjectImage.Items")]
internal sealed record ItemsImage([property: Id(0)] TypeImage Type, [property: Id(1)] ObjectImage[] Items)
    : ObjectImage;

/// <summary>A Dictionary with objects of the user: keys and values by turns.</summary>
[GenerateSerializer, Immutable, Alias("air.core.ObjectImage.Pairs")]
internal sealed record PairsImage([property: Id(0)] TypeImage Type, [property: Id(1)] ObjectImage[] KeysAndValues)
    : ObjectImage;

/// <summary>A delegate: its own type, its method and the object that it is bound to.</summary>
[GenerateSerializer, Immutable, Alias("air.core.ObjectImage.Delegate")]
internal sealed record DelegateImage(
    [property: Id(0)] TypeImage DelegateType,
    [property: Id(1)] TypeImage DeclaringType,
    [property: Id(2)] int MethodToken,
    [property: Id(3)] string MethodName,
    [property: Id(4)] TypeImage[] GenericArguments,
    [property: Id(5)] ObjectImage Target
) : ObjectImage;

/// <summary>One field: the type that declares it, its name and its value.</summary>
[GenerateSerializer, Immutable, Alias("air.core.FieldImage")]
internal sealed record FieldImage(
    [property: Id(0)] string DeclaringType,
    [property: Id(1)] string Name,
    [property: Id(2)] ObjectImage Value
);

/// <summary>
/// A type by its full name, and the build of the assembly that it comes from (empty for those that silo and user share). Of a generic type the
/// arguments stand apart, as each may come from another assembly; an array has a rank and its element as the one argument.
/// </summary>
[GenerateSerializer, Immutable, Alias("air.core.TypeImage")]
internal sealed record TypeImage(
    [property: Id(0)] string Name,
    [property: Id(1)] string Assembly,
    [property: Id(2)] Guid ModuleVersion,
    [property: Id(3)] TypeImage[] Arguments,
    [property: Id(4)] int Rank = 0
);
