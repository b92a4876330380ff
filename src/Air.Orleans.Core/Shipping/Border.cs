using System.Reflection;

namespace Air.Orleans.Core.Shipping;

/// <summary>
/// Which assemblies a silo and shipped code have in common: .NET, Orleans, Arrow, TorchSharp and Air.Orleans. They always come from the silo,
/// so that their types are the same on both sides; all others are the user's, and come with the user's code.
/// </summary>
internal static class Border
{
    private static readonly HashSet<string> Libraries =
    [
        "Air.Orleans",
        "Air.Orleans.Azure",
        "Air.Orleans.Client",
        "Air.Orleans.Core",
        "Air.Orleans.Data",
        "Air.Orleans.Kernels",
        "Air.Orleans.Serve",
        "Air.Orleans.Testing",
        "Air.Orleans.Torch",
        "Air.Orleans.Train",
        "Air.Orleans.Tune",
    ];

    private static readonly string[] FrameworkPrefixes =
    [
        "System.",
        "Microsoft.AspNetCore.",
        "Microsoft.CSharp",
        "Microsoft.Extensions.",
        "Microsoft.JSInterop",
        "Microsoft.Net.Http.",
        "Microsoft.VisualBasic",
        "Microsoft.Win32.",
    ];

    /// <summary>The names of the assemblies that come with .NET itself, where it is not published into the program's own folder.</summary>
    private static readonly Lazy<HashSet<string>?> Framework = new(ReadFramework);

    /// <summary>Whether an assembly is one of Air.Orleans.</summary>
    public static bool IsLibrary(string assembly) => Libraries.Contains(assembly);

    /// <summary>Whether an assembly comes from the silo, whatever a bundle holds.</summary>
    public static bool IsShared(string assembly) =>
        IsLibrary(assembly)
        || assembly is "Apache.Arrow" or "TorchSharp"
        || assembly.StartsWith("Apache.Arrow.", StringComparison.Ordinal)
        || assembly.StartsWith("Orleans.", StringComparison.Ordinal)
        || assembly.StartsWith("Microsoft.Orleans.", StringComparison.Ordinal)
        || IsFramework(assembly);

    /// <summary>Whether an assembly comes with .NET.</summary>
    public static bool IsFramework(string assembly) =>
        assembly is "System" or "mscorlib" or "netstandard" or "WindowsBase"
        || (
            Framework.Value is { } names
                ? names.Contains(assembly)
                : FrameworkPrefixes.Any(prefix => assembly.StartsWith(prefix, StringComparison.Ordinal))
        );

    /// <summary>Whether an assembly is the user's, or a library that the user chose.</summary>
    public static bool IsOfUser(Assembly assembly) => !IsShared(assembly.GetName().Name ?? "");

    /// <summary>Whether <paramref name="type"/>, or a part of its name such as an element or an argument, is the user's.</summary>
    public static bool Mentions(Type type) =>
        type.HasElementType ? Mentions(type.GetElementType()!)
        : type.IsConstructedGenericType
            ? Mentions(type.GetGenericTypeDefinition()) || type.GetGenericArguments().Any(Mentions)
        : !type.IsGenericParameter && IsOfUser(type.Assembly);

    private static HashSet<string>? ReadFramework()
    {
        var folder = Path.GetDirectoryName(typeof(object).Assembly.Location);
        var trusted = (AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string)?.Split(Path.PathSeparator);
        var own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        if (string.IsNullOrEmpty(folder) || folder == own || trusted is null)
        {
            return null;
        }

        // shared/Microsoft.NETCore.App/10.0.0 and its neighbours. All that is in them counts: of what a program has in its own folder in a newer
        // version the list of trusted assemblies names that one only.
        var shared = Path.GetDirectoryName(Path.GetDirectoryName(folder))!;
        return
        [
            .. trusted
                .Where(path => path.StartsWith(shared + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                .Select(static path => Path.GetDirectoryName(path)!)
                .Distinct()
                .SelectMany(static framework => Directory.EnumerateFiles(framework, "*.dll"))
                .Select(static path => Path.GetFileNameWithoutExtension(path)),
        ];
    }
}
