using System.Reflection;
using System.Runtime.CompilerServices;

namespace Air.Orleans.Core.Shipping;

/// <summary>Puts one object together again from its <see cref="ObjectImage"/>.</summary>
internal sealed class ImageReader(Serializer serializer, string description)
{
    private const BindingFlags DeclaredFields =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private const BindingFlags AllMethods = DeclaredFields | BindingFlags.Static;

    private readonly List<object> _objects = [];

    /// <summary>The object that <paramref name="image"/> shows.</summary>
    public object? Read(ObjectImage image) =>
        image switch
        {
            NullImage => null,
            ValueImage value => serializer.Deserialize<object>(value.Bytes),
            ReferenceImage reference => _objects[reference.Number],
            DelegateImage function => ReadDelegate(function),
            FieldsImage fields => ReadFields(fields),
            _ => throw new ShippingException($"{description} holds an unknown image {image.GetType().Name}."),
        };

    private Delegate ReadDelegate(DelegateImage image)
    {
        var delegateType = TypeNames.Resolve(image.DelegateType, description);
        var declaring = TypeNames.Resolve(image.DeclaringType, description);
        var method = Array.Find(
            declaring.GetMethods(AllMethods),
            candidate => candidate.MetadataToken == image.MethodToken && candidate.Name == image.MethodName
        );
        if (method is null)
        {
            throw new ShippingException(
                $"{description}: method '{image.MethodName}' is not in {declaring.FullName} here. "
                    + "Start the silo with the same build of the assembly as the client's."
            );
        }

        if (image.GenericArguments.Length > 0)
        {
            method = method.MakeGenericMethod([
                .. image.GenericArguments.Select(argument => TypeNames.Resolve(argument, description)),
            ]);
        }

        return Delegate.CreateDelegate(delegateType, Read(image.Target), method);
    }

    private object ReadFields(FieldsImage image)
    {
        var type = TypeNames.Resolve(image.Type, description);
        var value = RuntimeHelpers.GetUninitializedObject(type);
        if (!type.IsValueType)
        {
            _objects.Add(value);
        }

        foreach (var field in image.Fields)
        {
            FieldOf(type, field).SetValue(value, Read(field.Value));
        }

        return value;
    }

    private FieldInfo FieldOf(Type type, FieldImage field)
    {
        for (var declaring = type; declaring is not null; declaring = declaring.BaseType)
        {
            if ((declaring.FullName ?? declaring.Name) == field.DeclaringType)
            {
                return declaring.GetField(field.Name, DeclaredFields)
                    ?? throw new ShippingException(
                        $"{description}: field '{field.Name}' is not in {declaring.FullName} here. "
                            + "Start the silo with the same build of the assembly as the client's."
                    );
            }
        }

        throw new ShippingException($"{description}: {type.FullName} does not derive from {field.DeclaringType} here.");
    }
}
