using System.Reflection;

namespace Air.Orleans.Core.Shipping;

/// <summary>Takes one object apart into an <see cref="ObjectImage"/>.</summary>
internal sealed class ImageWriter(Serializer serializer, string description)
{
    private const BindingFlags DeclaredFields =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly Dictionary<object, int> _numbers = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<(Type, string)> _touched = [];

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
        return IsOfUser(type) ? WriteFields(value, type, path) : WriteValue(value, type, path);
    }

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

        var target = function.Target;
        if (target?.GetType().FullName == "System.Runtime.CompilerServices.Closure")
        {
            throw Refused(path, "is a compiled expression", "write it as a lambda or a method");
        }

        ClosureScan.AddTouchedFields(method, _touched);
        return new DelegateImage(
            TypeNames.Of(function.GetType()),
            TypeNames.Of(declaring),
            method.MetadataToken,
            method.Name,
            method.IsGenericMethod ? [.. method.GetGenericArguments().Select(TypeNames.Of)] : [],
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
                fields.Add(new FieldImage(declaring.FullName ?? declaring.Name, field.Name, image));
            }
        }

        return new FieldsImage(TypeNames.Of(type), [.. fields]);
    }

    private ValueImage WriteValue(object value, Type type, string path)
    {
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
    private static bool IsOfUser(Type type) =>
        !type.IsArray
        && !type.IsEnum
        && !type.IsPrimitive
        && !type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)
        && (ClosureScan.IsClosure(type) || !TypeNames.IsOfFramework(type));

    private ShippingException Refused(string path, string what, string cure, Exception? cause = null) =>
        new($"{description}: '{path.TrimStart('.')}' {what} and cannot be sent to a silo. To mend it, {cure}.", cause);
}
