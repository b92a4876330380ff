using System.Reflection;
using System.Text;

namespace Air.Orleans.Core.Shipping;

/// <summary>Names types for the way to another process, and finds them there among the assemblies that are loaded.</summary>
internal static class TypeNames
{
    /// <summary>The travelling name of <paramref name="type"/>.</summary>
    public static TypeImage Of(Type type) =>
        new(
            Write(type, new StringBuilder()).ToString(),
            type.Assembly.GetName().Name ?? "",
            IsOfFramework(type) ? Guid.Empty : type.Module.ModuleVersionId
        );

    /// <summary>The type that <paramref name="image"/> names, of the same build.</summary>
    /// <exception cref="ShippingException">It is not loaded here, or from another build.</exception>
    public static Type Resolve(TypeImage image, string description)
    {
        var type = Type.GetType(image.Name, FindAssembly, null, throwOnError: false);
        if (type is null)
        {
            throw new ShippingException(
                $"{description} needs type '{image.Name}', and assembly '{image.Assembly}' with it is not loaded in this "
                    + "silo. Reference it in the silo's host, or start the silo with '--load FILE.dll'."
            );
        }

        if (image.ModuleVersion != Guid.Empty && type.Module.ModuleVersionId != image.ModuleVersion)
        {
            throw new ShippingException(
                $"{description} comes from build {image.ModuleVersion} of assembly '{image.Assembly}', and this silo has "
                    + $"loaded build {type.Module.ModuleVersionId} ({type.Assembly.Location}). Start both from the same build."
            );
        }

        return type;
    }

    /// <summary>Whether the type comes with .NET or with a package that serializers know, rather than from the user.</summary>
    public static bool IsOfFramework(Type type)
    {
        var name = type.Assembly.GetName().Name ?? "";
        return name.StartsWith("System.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.", StringComparison.Ordinal)
            || name.StartsWith("Orleans.", StringComparison.Ordinal)
            || name is "System" or "mscorlib" or "netstandard" or "Apache.Arrow" or "TorchSharp";
    }

    private static Assembly? FindAssembly(AssemblyName name) =>
        AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(assembly => assembly.GetName().Name == name.Name)
        ?? TryLoad(name);

    private static Assembly? TryLoad(AssemblyName name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (IOException)
        {
            return null;
        }
        catch (BadImageFormatException)
        {
            return null;
        }
    }

    /// <summary>Writes "Namespace.Type[[Argument, Assembly]], Assembly" without versions.</summary>
    private static StringBuilder Write(Type type, StringBuilder text)
    {
        if (type.IsArray)
        {
            var element = Write(type.GetElementType()!, new StringBuilder()).ToString();
            var comma = element.LastIndexOf(", ", StringComparison.Ordinal);
            var rank = type.GetArrayRank() == 1 ? "[]" : $"[{new string(',', type.GetArrayRank() - 1)}]";
            return text.Append(element.AsSpan(0, comma)).Append(rank).Append(element.AsSpan(comma));
        }

        if (type.IsConstructedGenericType)
        {
            text.Append(type.GetGenericTypeDefinition().FullName).Append('[');
            var arguments = type.GetGenericArguments();
            for (var i = 0; i < arguments.Length; i++)
            {
                text.Append(i == 0 ? "[" : ",[");
                Write(arguments[i], text).Append(']');
            }

            text.Append(']');
        }
        else
        {
            text.Append(type.FullName);
        }

        return text.Append(", ").Append(type.Assembly.GetName().Name);
    }
}
