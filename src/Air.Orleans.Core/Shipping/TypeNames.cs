using System.Reflection;

namespace Air.Orleans.Core.Shipping;

/// <summary>Names types for the way to another process.</summary>
internal static class TypeNames
{
    /// <summary>The full name without arguments, which is the same wherever the arguments come from.</summary>
    public static string DefinitionOf(Type type)
    {
        var definition = type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;
        return definition.FullName ?? definition.Name;
    }

    /// <summary>The travelling name of <paramref name="type"/>; each assembly of the user that it mentions is added to <paramref name="assemblies"/>.</summary>
    public static TypeImage Of(Type type, ISet<Assembly>? assemblies = null)
    {
        if (type.IsArray)
        {
            return new TypeImage("", "", Guid.Empty, [Of(type.GetElementType()!, assemblies)], type.GetArrayRank());
        }

        var isOfUser = Border.IsOfUser(type.Assembly);
        if (isOfUser)
        {
            assemblies?.Add(type.Assembly);
        }

        return new TypeImage(
            DefinitionOf(type),
            type.Assembly.GetName().Name ?? "",
            isOfUser ? type.Module.ModuleVersionId : Guid.Empty,
            type.IsConstructedGenericType
                ? [.. type.GetGenericArguments().Select(argument => Of(argument, assemblies))]
                : []
        );
    }
}
