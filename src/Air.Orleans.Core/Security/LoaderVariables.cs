namespace Air.Orleans.Core.Security;

/// <summary>
/// Environment variables that have .NET, the system's loader or the shell that starts a job run code which is in no bundle: start-up hooks,
/// profilers, preloaded libraries, another place to look for programs.
/// </summary>
internal static class LoaderVariables
{
    private static readonly string[] Beginnings =
    [
        "DOTNET_",
        "CORECLR_",
        "COMPlus_",
        "CLR_",
        "LD_",
        "DYLD_",
        "BASH",
        "OPENSSL_",
    ];

    private static readonly string[] Names = ["PATH", "ENV", "IFS", "PS4", "SHELLOPTS", "GCONV_PATH", "GLIBC_TUNABLES"];

    /// <summary>Whether a variable of that name is one; so is every name that only a shell's exported functions have.</summary>
    public static bool Has(string name) =>
        Beginnings.Any(beginning => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
        || Names.Contains(name, StringComparer.OrdinalIgnoreCase)
        || name.Contains('%')
        || name.Contains('(');
}
