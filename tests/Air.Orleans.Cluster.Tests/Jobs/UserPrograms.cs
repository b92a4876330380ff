using Air.Orleans.Core.Tests.Shipping;

namespace Air.Orleans.Cluster.Tests.Jobs;

/// <summary>Programs that use Air.Orleans, as a user would have built them.</summary>
internal static class UserPrograms
{
    /// <summary>Makes a program with the libraries beside it, and gives the path of its DLL.</summary>
    public static string Compile(string folder, string name, string source)
    {
        var program = UserCode.Compile(folder, name, source, isProgram: true);
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory, "*.dll"))
        {
            var library = Path.GetFileName(file);
            if (
                !library.Contains("test", StringComparison.OrdinalIgnoreCase)
                && !library.StartsWith("xunit", StringComparison.Ordinal)
            )
            {
                File.Copy(file, Path.Combine(folder, library));
            }
        }

        var assemblies = Directory.GetFiles(folder, "*.dll").Select(file => $"\"{Path.GetFileName(file)}\": {{}}");
        File.WriteAllText(
            Path.Combine(folder, $"{name}.deps.json"),
            $$"""
            {
              "runtimeTarget": { "name": ".NETCoreApp,Version=v10.0", "signature": "" },
              "targets": { ".NETCoreApp,Version=v10.0": { "{{name}}/1.0.0": { "runtime": { {{string.Join(
                ", ",
                assemblies
            )}} } } } },
              "libraries": { "{{name}}/1.0.0": { "type": "project", "serviceable": false, "sha512": "" } }
            }
            """
        );
        return program;
    }
}
