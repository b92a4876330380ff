using System.Runtime.CompilerServices;

namespace Air.Orleans.Tests;

/// <summary>Where the files of the repository are.</summary>
internal static class Repository
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(FolderOfThisFile(), "..", ".."));

    public static string Data => Path.Combine(Root, "data", "breast_cancer.csv");

    private static string FolderOfThisFile([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
