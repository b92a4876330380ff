using System.Reflection;
using System.Text.Json;

namespace Air.Orleans.Core.Shipping.Code;

/// <summary>The native libraries of the packages that a program uses, as its .deps.json names them.</summary>
internal static class NativeFiles
{
    /// <summary>Adds those that <paramref name="assembly"/>'s packages bring, except what comes with packages that the silo shares.</summary>
    public static void AddTo(Dictionary<string, string> files, Assembly assembly)
    {
        var folder = Path.GetDirectoryName(assembly.Location)!;
        var name = assembly.GetName().Name!;
        var description = new[] { name, Assembly.GetEntryAssembly()?.GetName().Name }
            .Select(program => Path.Combine(folder, $"{program}.deps.json"))
            .FirstOrDefault(File.Exists);
        if (description is null)
        {
            return;
        }

        using var document = JsonDocument.Parse(File.ReadAllBytes(description));
        if (!document.RootElement.TryGetProperty("targets", out var targets))
        {
            return;
        }

        foreach (var target in targets.EnumerateObject())
        {
            var packages = target
                .Value.EnumerateObject()
                .ToDictionary(static package => package.Name.Split('/')[0], static package => package.Value);
            foreach (var place in Reachable(packages, name).SelectMany(NativesOf))
            {
                if (File.Exists(Path.Combine(folder, place)))
                {
                    files[place] = Path.Combine(folder, place);
                }
            }
        }
    }

    private static IEnumerable<JsonElement> Reachable(Dictionary<string, JsonElement> packages, string root)
    {
        var seen = new HashSet<string>();
        var pending = new Stack<string>([root]);
        while (pending.TryPop(out var name))
        {
            if (!seen.Add(name) || Border.IsShared(name) || !packages.TryGetValue(name, out var package))
            {
                continue;
            }

            yield return package;
            if (package.TryGetProperty("dependencies", out var dependencies))
            {
                foreach (var dependency in dependencies.EnumerateObject())
                {
                    pending.Push(dependency.Name);
                }
            }
        }
    }

    private static IEnumerable<string> NativesOf(JsonElement package)
    {
        if (package.TryGetProperty("native", out var native))
        {
            foreach (var file in native.EnumerateObject())
            {
                yield return file.Name;
                // A program that is built for one system has them beside itself.
                yield return Path.GetFileName(file.Name);
            }
        }

        if (package.TryGetProperty("runtimeTargets", out var targets))
        {
            foreach (var file in targets.EnumerateObject())
            {
                if (file.Value.TryGetProperty("assetType", out var kind) && kind.GetString() == "native")
                {
                    yield return file.Name;
                }
            }
        }
    }
}
