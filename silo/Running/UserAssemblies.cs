using System.Runtime.Loader;

namespace Air.Orleans.Silo.Running;

/// <summary>Loads assemblies with user code, and what they refer to from beside them.</summary>
internal static class UserAssemblies
{
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadImageFormatException">It is no assembly.</exception>
    public static void Load(FileInfo file)
    {
        var beside = new AssemblyDependencyResolver(file.FullName);
        AssemblyLoadContext.Default.Resolving += (context, name) =>
            beside.ResolveAssemblyToPath(name) is { } path ? context.LoadFromAssemblyPath(path) : null;
        AssemblyLoadContext.Default.LoadFromAssemblyPath(file.FullName);
    }
}
