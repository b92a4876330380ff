using System.Reflection;
using System.Runtime.Loader;

namespace Air.Orleans.Core.Shipping;

/// <summary>
/// Which code of users this process has without being sent it. An application that is a silo, or starts an embedded cluster, has all of its own
/// program. The silo program has what it was told to load: what else lies in its folder (the command-line tool has the quick start there) is
/// code of somebody's client, and is shipped like any other. Thread-safe.
/// </summary>
internal sealed class KnownCode
{
    private readonly string? _without;
    private readonly HashSet<string> _loaded;

    private KnownCode(string? without, IEnumerable<string> loaded)
    {
        _without = without is null ? null : Path.TrimEndingDirectorySeparator(Path.GetFullPath(without));
        _loaded = [.. loaded.Select(Path.GetFullPath)];
    }

    /// <summary>All that the program has loaded, or could load.</summary>
    public static KnownCode WholeProgram { get; } = new(null, []);

    /// <summary>What was loaded by name, and what that brings from elsewhere; nothing else of the program's own folder.</summary>
    /// <param name="files">The assemblies that were loaded by name.</param>
    /// <param name="folder">The program's own folder.</param>
    public static KnownCode Only(IEnumerable<string> files, string folder) => new(folder, files);

    /// <summary>The assembly of that name: loaded, or where the program would load it from. Bundles are left out.</summary>
    public Assembly? Find(string name)
    {
        try
        {
            var found =
                AssemblyLoadContext.Default.Assemblies.FirstOrDefault(assembly => assembly.GetName().Name == name)
                ?? AssemblyLoadContext.Default.LoadFromAssemblyName(new AssemblyName(name));
            return Border.IsShared(name) || IsKnown(found.Location) ? found : null;
        }
        catch (Exception error) when (error is IOException or BadImageFormatException)
        {
            return null;
        }
    }

    private bool IsKnown(string location) =>
        _without is null || Path.GetDirectoryName(location) != _without || _loaded.Contains(location);
}
