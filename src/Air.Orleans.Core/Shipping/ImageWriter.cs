using System.Collections;
using System.Reflection;

namespace Air.Orleans.Core.Shipping;

/// <summary>Takes one object apart into an <see cref="ObjectImage"/>.</summary>
internal sealed class ImageWriter(Serializer serializer, string description)
{
    private const BindingFlags DeclaredFields =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly Dictionary<object, int> _numbers = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<(Type, string)> _touched = [];
    private readonly HashSet<Assembly> _assemblies = [];

    /// <summary>The assemblies of the user whose code the image needs.</summary>
    public IReadOnlyCollection<Assembly> Assemblies => _assemblies;

    /// <summary>The image of <paramref name="value"/>, in which every closure holds what any lambda of the image touches.</summary>
    /// <remarks>
    /// A delegate that is found late may touch variables of a closure that was written before, so writing is repeated until nothing
    /// new was touched.
    /// </remarks>
    public ObjectImage WriteWhole(object value)
    {
        while (true)
        {
            var known = _touched.Count;
            _numbers.Clear();
            var image = Write(value);
            if (_touched.Count == known)
            {
                return image;
            }
        }
    }

    /// <summary>The image of <paramref name="value"/>, which stands at <paramref name="path"/> of what is packed.</summary>
    private ObjectImage Write(object? value, string path = "")
    {
        switch (value)
        {
            case null:
                return new NullImage();
            case Delegate function:
                return WriteDelegate(function, path);
        }

        var type = value.GetType();
        if (!type.IsValueType && _numbers.TryGetValue(value, out var number))
        {
            return new ReferenceImage(number);
        }

        RefuseWhatIsBoundToThisProcess(value, type, path);
        return type.IsEnum && Border.Mentions(type) ? new EnumImage(TypeOf(type), value.ToString()!)
            : IsTakenApart(type) ? WriteFields(value, type, path)
            : value is IDictionary pairs && Shippable.IsDictionary(type) && NeedsImages(type)
                ? WritePairs(pairs, type, path)
            : value is IEnumerable items && (type.IsSZArray || Shippable.IsList(type)) && NeedsImages(type)
                ? WriteItems(items, type, path)
            : WriteValue(value, type, path);
    }

    private TypeImage TypeOf(Type type) => TypeNames.Of(type, _assemblies);

    private DelegateImage WriteDelegate(Delegate function, string path)
    {
        var method = function.Method;
        if (!function.HasSingleTarget)
        {
            throw Refused(path, "is a delegate with several targets", "ship one method");
        }

        if (method.DeclaringType is not { } declaring || method is System.Reflection.Emit.DynamicMethod)
        {
            throw Refused(path, "is code made at run time", "write it as a lambda or a method");
        }

        if (!Shippable.HasMethods(declaring))
        {
            throw Refused(
                path,
                $"is the method {declaring.FullName}.{method.Name}, which is not yours",
                "call it from within a lambda of your own: x => ..."
            );
        }

        var target = function.Target;
        if (target?.GetType().FullName == "System.Runtime.CompilerServices.Closure")
        {
            throw Refused(path, "is a compiled expression", "write it as a lambda or a method");
        }

        ClosureScan.AddTouchedFields(method, _touched);
        return new DelegateImage(
            TypeOf(function.GetType()),
            TypeOf(declaring),
            method.MetadataToken,
            method.Name,
            method.IsGenericMethod ? [.. method.GetGenericArguments().Select(TypeOf)] : [],
            Write(target, path)
        );
    }

    private FieldsImage WriteFields(object value, Type type, string path)
    {
        if (!type.IsValueType)
        {
            _numbers.Add(value, _numbers.Count);
        }

        var closure = ClosureScan.IsClosure(type);
        var fields = new List<FieldImage>();
        for (var declaring = type; declaring is not null && declaring != typeof(object); declaring = declaring.BaseType)
        {
            foreach (var field in declaring.GetFields(DeclaredFields))
            {
                if (closure && !_touched.Contains(ClosureScan.Key(field)))
                {
                    continue;
                }

                var image = Write(field.GetValue(value), $"{path}.{ClosureScan.DisplayName(field)}");
                fields.Add(new FieldImage(TypeNames.DefinitionOf(declaring), field.Name, image));
            }
        }

        return new FieldsImage(TypeOf(type), [.. fields]);
    }

    private ItemsImage WriteItems(IEnumerable items, Type type, string path)
    {
        RefuseComparer(items, type, path);
        _numbers.Add(items, _numbers.Count);
        var images = new List<ObjectImage>();
        foreach (var item in items)
        {
            images.Add(Write(item, $"{path}[{images.Count}]"));
        }

        return new ItemsImage(TypeOf(type), [.. images]);
    }

    private void RefuseComparer(object collection, Type type, string path)
    {
        if (type.GetProperty("Comparer") is not { } property)
        {
            return;
        }

        var usual = typeof(EqualityComparer<>)
            .MakeGenericType(type.GetGenericArguments()[0])
            .GetProperty(nameof(EqualityComparer<>.Default))!
            .GetValue(null);
        if (!Equals(property.GetValue(collection), usual))
        {
            throw Refused(path, "has a comparer of its own", "make the collection inside the code that travels");
        }
    }

    private PairsImage WritePairs(IDictionary pairs, Type type, string path)
    {
        RefuseComparer(pairs, type, path);
        _numbers.Add(pairs, _numbers.Count);
        var images = new List<ObjectImage>();
        foreach (DictionaryEntry pair in pairs)
        {
            images.Add(Write(pair.Key, $"{path}.Keys"));
            images.Add(Write(pair.Value, $"{path}[{pair.Key}]"));
        }

        return new PairsImage(TypeOf(type), [.. images]);
    }

    private ValueImage WriteValue(object value, Type type, string path)
    {
        if (Border.Mentions(type))
        {
            throw Refused(
                path,
                $"has type {type}, which holds types of yours in a way that no serializer knows",
                "capture an array, List, HashSet or Dictionary of them"
            );
        }

        try
        {
            return new ValueImage(serializer.SerializeToArray(value));
        }
        catch (Exception error) when (error is not ShippingException)
        {
            throw Refused(
                path,
                $"has type {type.FullName}, which has no serializer",
                "capture plain values instead",
                error
            );
        }
    }

    private void RefuseWhatIsBoundToThisProcess(object value, Type type, string path)
    {
        var bound =
            value
            is Stream
                or CancellationToken
                or CancellationTokenSource
                or Task
                or Thread
                or IAirCluster
                or IServiceProvider
                or System.Runtime.InteropServices.SafeHandle
                or Pointer
                or MemberInfo
                or Assembly
                or IntPtr
                or UIntPtr;
        if (bound)
        {
            throw Refused(
                path,
                $"is a {type.FullName}, which belongs to this process",
                "make it inside the code that travels"
            );
        }
    }

    /// <summary>A type that no serializer needs to know: it is taken apart by its fields.</summary>
    private static bool IsTakenApart(Type type) =>
        Shippable.IsObject(type)
        && (
            Border.IsOfUser(type.Assembly)
            || (Shippable.IsCarrier(type) ? type.GetGenericArguments().Any(NeedsImage) : !IsMarked(type))
        );

    private static bool IsMarked(Type type) => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false);

    /// <summary>Whether the items of a collection are written one by one: they are the user's, or may be.</summary>
    private static bool NeedsImages(Type type) =>
        type.IsArray ? NeedsImage(type.GetElementType()!) : type.GetGenericArguments().Any(NeedsImage);

    private static bool NeedsImage(Type type) =>
        Border.Mentions(type)
        || type == typeof(object)
        || type.IsInterface
        || typeof(Delegate).IsAssignableFrom(type)
        || (type.IsArray || Shippable.IsList(type) || Shippable.IsDictionary(type)) && NeedsImages(type);

    private ShippingException Refused(string path, string what, string cure, Exception? cause = null) =>
        new($"{description}: '{path.TrimStart('.')}' {what} and cannot be sent to a silo. To mend it, {cure}.", cause);
}
