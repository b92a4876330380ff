using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Air.Orleans.Core.Tests.Shipping;

/// <summary>Compiles what a user would have built elsewhere.</summary>
internal static class UserCode
{
    /// <summary>What this process has, read once.</summary>
    private static readonly Lazy<IReadOnlyList<(string Name, MetadataReference Reference)>> Trusted = new(static () =>
        [
            .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
                .Split(Path.PathSeparator)
                .Select(static path =>
                    (Path.GetFileName(path), (MetadataReference)MetadataReference.CreateFromFile(path))
                ),
        ]
    );

    /// <summary>Makes NAME.dll in the folder, and gives its path.</summary>
    /// <param name="folder">The folder, made where it is not there.</param>
    /// <param name="name">The assembly's name.</param>
    /// <param name="source">C#; System, its collections and LINQ are imported.</param>
    /// <param name="references">DLLs besides those of this process.</param>
    /// <param name="isProgram">Whether it is a program, with its runtimeconfig.json.</param>
    public static string Compile(
        string folder,
        string name,
        string source,
        IReadOnlyList<string>? references = null,
        bool isProgram = false
    )
    {
        Directory.CreateDirectory(folder);
        const string usings =
            "using System; using System.Collections.Generic; using System.IO; using System.Linq; using System.Threading.Tasks;\n";
        references ??= [];
        var names = references.Select(Path.GetFileName).ToHashSet();
        var trusted = Trusted.Value.Where(known => !names.Contains(known.Name)).Select(static known => known.Reference);
        var compilation = CSharpCompilation.Create(
            name,
            [CSharpSyntaxTree.ParseText(usings + source)],
            trusted.Concat(references.Select(static path => MetadataReference.CreateFromFile(path))),
            new CSharpCompilationOptions(
                isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
                optimizationLevel: OptimizationLevel.Release
            )
        );
        var path = Path.Combine(folder, $"{name}.dll");
        var result = compilation.Emit(path);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        if (isProgram)
        {
            File.WriteAllText(Path.Combine(folder, $"{name}.runtimeconfig.json"), RuntimeConfig("10.0.0"));
        }

        return path;
    }

    /// <summary>What says for which .NET a program was built.</summary>
    public static string RuntimeConfig(string version) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $$"""{ "runtimeOptions": { "tfm": "net10.0", "frameworks": [ { "name": "Microsoft.NETCore.App", "version": "{{version}}" }, { "name": "Microsoft.AspNetCore.App", "version": "{{version}}" } ] } }"""
        );
}
