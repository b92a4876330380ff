namespace Air.Orleans.Silo.Tests;

/// <summary>A test that wants a program; skipped with the reason where it is not installed. .ci/run installs all, and allows no skip.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinterFactAttribute : FactAttribute
{
    public LinterFactAttribute(string program)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, program))))
        {
            Skip = $"The program '{program}' is not installed.";
        }
    }
}
