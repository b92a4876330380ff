using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Air.Orleans.Core.Shipping.Code;

/// <summary>
/// The code of a bundle, loaded: what silo and user share comes from the silo, all else from the bundle, even where the silo has another
/// version of it. Collected after it was unloaded, when the last object of its types is gone.
/// </summary>
internal sealed class CodeContext(string hash, string folder)
    : AssemblyLoadContext($"code {hash[..12]}", isCollectible: true)
{
    /// <summary>The bundle's hash.</summary>
    public string Hash => hash;

    /// <summary>The assembly of that name, or null where neither bundle nor silo has it.</summary>
    public Assembly? Find(string name)
    {
        try
        {
            return Assemblies.FirstOrDefault(assembly => assembly.GetName().Name == name)
                ?? LoadFromAssemblyName(new AssemblyName(name));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (BadImageFormatException error)
        {
            throw new ShippingException($"'{name}.dll' of bundle {hash[..12]} is no assembly: {error.Message}", error);
        }
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var name = assemblyName.Name ?? "";
        if (Border.IsShared(name))
        {
            return null;
        }

        var place = string.IsNullOrEmpty(assemblyName.CultureName)
            ? Path.Combine(folder, name + ".dll")
            : Path.Combine(folder, assemblyName.CultureName, name + ".dll");
        return File.Exists(place) ? LoadFromAssemblyPath(place) : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        var extension =
            OperatingSystem.IsWindows() ? ".dll"
            : OperatingSystem.IsMacOS() ? ".dylib"
            : ".so";
        var system =
            OperatingSystem.IsWindows() ? "win"
            : OperatingSystem.IsMacOS() ? "osx"
            : "linux";
        var machine = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        foreach (var runtime in new[] { RuntimeInformation.RuntimeIdentifier, $"{system}-{machine}", system, "unix" })
        {
            foreach (var place in new[] { Path.Combine(folder, "runtimes", runtime, "native"), folder })
            {
                foreach (
                    var name in new[]
                    {
                        unmanagedDllName,
                        unmanagedDllName + extension,
                        $"lib{unmanagedDllName}{extension}",
                    }
                )
                {
                    if (File.Exists(Path.Combine(place, name)))
                    {
                        return LoadUnmanagedDllFromPath(Path.Combine(place, name));
                    }
                }
            }
        }

        return 0;
    }
}
