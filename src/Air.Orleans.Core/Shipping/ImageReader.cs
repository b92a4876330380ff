using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Air.Orleans.Core.Shipping;

/// <summary>Puts one object together again from its <see cref="ObjectImage"/>.</summary>
internal sealed class ImageReader(Serializer serializer, TypeFinder types, string description)
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
            ValueImage value => ReadValue(value),
            EnumImage value => Enum.Parse(types.Find(value.Type), value.Value),
            ItemsImage items => ReadItems(items),
            PairsImage pairs => ReadPairs(pairs),
            ReferenceImage reference => _objects[reference.Number],
            DelegateImage function => ReadDelegate(function),
            FieldsImage fields => ReadFields(fields),
            _ => throw new ShippingException($"{description} holds an unknown image {image.GetType().Name}."),
        };

    private Delegate ReadDelegate(DelegateImage image)
    {
        var delegateType = types.Delegate(image.DelegateType);
        var declaring = types.Methods(image.DeclaringType);
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
            method = method.MakeGenericMethod([.. image.GenericArguments.Select(types.Find)]);
        }

        return Delegate.CreateDelegate(delegateType, Read(image.Target), method);
    }

    private object? ReadValue(ValueImage image)
    {
        try
        {
            return serializer.Deserialize<object>(image.Bytes);
        }
        catch (Exception error) when (error is not ShippingException)
        {
            throw new ShippingException(
                $"{description} holds a value that this silo cannot read: {error.Message} Capture plain values, or an array, List or "
                    + "Dictionary of them.",
                error
            );
        }
    }

    private object ReadItems(ItemsImage image)
    {
        var type = types.Collection(image.Type);
        if (type.IsArray)
        {
            var array = Array.CreateInstance(type.GetElementType()!, image.Items.Length);
            _objects.Add(array);
            for (var i = 0; i < image.Items.Length; i++)
            {
                array.SetValue(Read(image.Items[i]), i);
            }

            return array;
        }

        var list = Activator.CreateInstance(type)!;
        _objects.Add(list);
        var add = type.GetMethod("Add")!;
        foreach (var item in image.Items)
        {
            add.Invoke(list, [Read(item)]);
        }

        return list;
    }

    private IDictionary ReadPairs(PairsImage image)
    {
        var pairs = (IDictionary)Activator.CreateInstance(types.Collection(image.Type))!;
        _objects.Add(pairs);
        for (var i = 0; i + 1 < image.KeysAndValues.Length; i += 2)
        {
            pairs.Add(Read(image.KeysAndValues[i])!, Read(image.KeysAndValues[i + 1]));
        }

        return pairs;
    }

    private object ReadFields(FieldsImage image)
    {
        var type = types.Object(image.Type);
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
            if (TypeNames.DefinitionOf(declaring) == field.DeclaringType)
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
