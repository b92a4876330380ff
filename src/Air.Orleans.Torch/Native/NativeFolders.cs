using System.Runtime.InteropServices;

namespace Air.Orleans.Torch.Native;

/// <summary>The folders in which this process's native libraries may lie, the likeliest first.</summary>
internal static class NativeFolders
{
    /// <summary>
    /// The output's <c>runtimes/&lt;rid&gt;/native</c>, the output itself, and the folders that the host searches.
    /// Only folders that exist, each once.
    /// </summary>
    public static IReadOnlyList<string> OfThisProcess()
    {
        var output = AppContext.BaseDirectory;
        var searched = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        return Existing([
            Path.Combine(output, "runtimes", PortableRid(), "native"),
            output,
            .. searched.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        ]);
    }

    /// <summary>The full path of a file in the first folder that has it, or null.</summary>
    public static string? Find(IEnumerable<string> folders, string fileName) =>
        folders.Select(folder => Path.Combine(folder, fileName)).FirstOrDefault(File.Exists);

    private static string PortableRid()
    {
        var system =
            OperatingSystem.IsWindows() ? "win"
            : OperatingSystem.IsMacOS() ? "osx"
            : "linux";
        return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }

    private static string[] Existing(IEnumerable<string> folders) =>
        [
            .. folders
                .Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))
                .Where(Directory.Exists)
                .Distinct(StringComparer.Ordinal),
        ];
}
