using System.Diagnostics;

namespace Air.Orleans.Architecture.Tests;

/// <summary>The files of the repository.</summary>
internal static class Sources
{
    private static readonly Lazy<IReadOnlyList<string>> All = new(ListTracked);

    /// <summary>The project files of src.</summary>
    public static IReadOnlyList<string> Projects() =>
        Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories);

    /// <summary>The names of the projects of src, which are those of their assemblies.</summary>
    public static IEnumerable<string> ProjectNames() =>
        Projects().Select(static file => Path.GetFileNameWithoutExtension(file));

    /// <summary>The files that git keeps, with one of these endings where any is named.</summary>
    public static IEnumerable<string> Tracked(params string[] endings) =>
        All.Value.Where(file =>
            endings.Length == 0 || endings.Contains(Path.GetExtension(file).TrimStart('.'), StringComparer.Ordinal)
        );

    /// <summary>The C# files of src that git keeps.</summary>
    public static IEnumerable<string> Library() =>
        Tracked("cs").Where(static file => Relative(file).StartsWith("src/", StringComparison.Ordinal));

    public static string Relative(string file) => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/');

    /// <summary>Asks git; files that are new count too, unless they are ignored. One that was deleted is left out.</summary>
    private static List<string> ListTracked()
    {
        var start = new ProcessStartInfo("git", "ls-files -z --cached --others --exclude-standard")
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
        };
        using var git = Process.Start(start)!;
        var names = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.True(git.ExitCode == 0, "'git ls-files' failed: these tests read the files of a clone.");
        return
        [
            .. names
                .Split('\0', StringSplitOptions.RemoveEmptyEntries)
                .Select(static name => Path.Combine(Repository.Root, name))
                .Where(File.Exists)
                .Distinct(),
        ];
    }
}
