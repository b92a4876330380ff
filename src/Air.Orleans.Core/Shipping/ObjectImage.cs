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

/// <summary>A value that the serializer of Orleans carries: numbers, text, arrays, collections, marked types.</summary>
[GenerateSerializer, Immutable, Alias("air.core.ObjectImage.Value")]
internal sealed record ValueImage([property: Id(0)] byte[] Bytes) : ObjectImage;

/// <summary>Another place where the object number <paramref name="Number"/> of this image stands.</summary>
[GenerateSerializer, Immutable, Alias("air.core.ObjectImage.Reference")]
internal sealed record ReferenceImage([property: Id(0)] int Number) : ObjectImage;

/// <summary>An object, field by field.</summary>
[GenerateSerializer, Immutable, Alias("air.core.ObjectImage.Fields")]
internal sealed record FieldsImage([property: Id(0)] TypeImage Type, [property: Id(1)] FieldImage[] Fields)
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

/// <summary>A type by its full name, and the build of the assembly that it comes from.</summary>
[GenerateSerializer, Immutable, Alias("air.core.TypeImage")]
internal sealed record TypeImage(
    [property: Id(0)] string Name,
    [property: Id(1)] string Assembly,
    [property: Id(2)] Guid ModuleVersion
);
