using System.Reflection;

namespace Air.Orleans.Architecture.Tests;

/// <summary>What the assemblies show.</summary>
public sealed class PublicTypeTests
{
    private const BindingFlags Declared =
        BindingFlags.Public
        | BindingFlags.NonPublic
        | BindingFlags.Instance
        | BindingFlags.Static
        | BindingFlags.DeclaredOnly;

    public static TheoryData<string> Assemblies() => [.. Sources.ProjectNames()];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void PublicTypes_OfAnAssembly_AreNoGrains(string assembly) =>
        Assert.DoesNotContain(
            PublicTypes(assembly),
            static type =>
                type.Name.EndsWith("Grain", StringComparison.Ordinal) || typeof(IAddressable).IsAssignableFrom(type)
        );

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void PublicMembers_OfAnAssembly_NameNoGrains(string assembly)
    {
        var members =
            from type in PublicTypes(assembly)
            from member in type.GetMembers(Declared)
            where IsVisible(member) && TypesOf(member).SelectMany(Parts).Any(IsOfGrains)
            select $"{type.FullName}.{member.Name}";

        Assert.Empty(members);
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void SerializedTypes_OfAnAssembly_HaveNamesOfTheirOwn(string assembly)
    {
        var unnamed = Assembly
            .Load(assembly)
            .GetTypes()
            .Where(static type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
            .Where(static type => !type.IsDefined(typeof(AliasAttribute), inherit: false));

        Assert.Empty(unnamed);
    }

    [Fact]
    public void Aliases_OfAllAssemblies_AreDifferent()
    {
        var twice = Sources
            .ProjectNames()
            .SelectMany(static name => Assembly.Load(name).GetTypes())
            .Select(static type => type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias)
            .OfType<string>()
            .GroupBy(static alias => alias)
            .Where(static group => group.Count() > 1)
            .Select(static group => group.Key);

        Assert.Empty(twice);
    }

    /// <summary>Without what the compiler and the code generator of Orleans make.</summary>
    private static IEnumerable<Type> PublicTypes(string assembly) =>
        Assembly
            .Load(assembly)
            .GetExportedTypes()
            .Where(static type => type.Namespace?.StartsWith("OrleansCodeGen", StringComparison.Ordinal) != true);

    private static bool IsVisible(MemberInfo member) =>
        member switch
        {
            MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
            FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
            PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsVisible),
            EventInfo notice => notice.AddMethod is { } add && IsVisible(add),
            _ => false,
        };

    private static IEnumerable<Type> TypesOf(MemberInfo member) =>
        member switch
        {
            MethodInfo method => method.GetParameters().Select(static p => p.ParameterType).Append(method.ReturnType),
            ConstructorInfo constructor => constructor.GetParameters().Select(static p => p.ParameterType),
            FieldInfo field => [field.FieldType],
            PropertyInfo property => [property.PropertyType],
            EventInfo notice => [notice.EventHandlerType!],
            _ => [],
        };

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type)
        : [type];

    private static bool IsOfGrains(Type type) =>
        type == typeof(GrainId)
        || type == typeof(IGrainFactory)
        || type == typeof(IClusterClient)
        || typeof(IAddressable).IsAssignableFrom(type);
}
