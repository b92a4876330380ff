using System.Reflection;
using System.Runtime.Loader;

namespace Air.Orleans.Core.Shipping.Code;

/// <summary>Finds the files that assemblies of this program need on a silo: themselves, and what they refer to and the silo does not share.</summary>
internal static class CodeCollector
{
    /// <exception cref="ShippingException">An assembly is in no file.</exception>
    public static CodeBundle Collect(IReadOnlyCollection<Assembly> assemblies, string description)
    {
        var files = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var pending = new Stack<Assembly>(assemblies);
        var seen = new HashSet<Assembly>();
        while (pending.TryPop(out var assembly))
        {
            if (!seen.Add(assembly))
            {
                continue;
            }

            AddFiles(assembly, files, description);
            foreach (var reference in assembly.GetReferencedAssemblies())
            {
                // What is not there is not needed, or is missed by name when it is.
                if (!Border.IsShared(reference.Name ?? "") && Find(assembly, reference) is { } found)
                {
                    pending.Push(found);
                }
            }
        }

        foreach (var assembly in assemblies)
        {
            NativeFiles.AddTo(files, assembly);
        }

        return CodeBundle.Of(string.Join(", ", assemblies.Select(static assembly => assembly.GetName().Name)), files);
    }

    private static void AddFiles(Assembly assembly, Dictionary<string, string> files, string description)
    {
        var name = assembly.GetName().Name;
        if (assembly.Location is not { Length: > 0 } place)
        {
            throw new ShippingException(
                $"{description} needs assembly '{name}', which is in no file: {(assembly.IsDynamic ? "it was made at run time" : "the program is published as a single file, or loaded it from memory")}. "
                    + "Publish the program without PublishSingleFile, or start the silos with '--load FILE.dll'."
            );
        }

        files[$"{name}.dll"] = place;
        var symbols = Path.ChangeExtension(place, ".pdb");
        if (File.Exists(symbols))
        {
            // So that errors name the line.
            files[$"{name}.pdb"] = symbols;
        }
    }

    private static Assembly? Find(Assembly from, AssemblyName reference)
    {
        try
        {
            return (AssemblyLoadContext.GetLoadContext(from) ?? AssemblyLoadContext.Default).LoadFromAssemblyName(
                reference
            );
        }
        catch (Exception error) when (error is IOException or BadImageFormatException)
        {
            return null;
        }
    }
}
