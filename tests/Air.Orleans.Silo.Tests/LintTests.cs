using System.Diagnostics;
using System.Reflection;
using Air.Orleans.Tests;

namespace Air.Orleans.Silo.Tests;

/// <summary>The files in silo/deploy pass their own linters. Where a program is missing its test is skipped; .ci/run installs all.</summary>
public sealed class LintTests
{
    private static string Folder => Path.Combine(Repository.Root, "silo", "deploy");

    [LinterFact("systemd-analyze")]
    public async Task Unit_OfSystemd_IsVerified()
    {
        var unit = await File.ReadAllTextAsync(Path.Combine(Folder, "systemd", "air-silo.service"));
        var copy = Directory.CreateTempSubdirectory("air-silo-");
        try
        {
            var file = Path.Combine(copy.FullName, "air-silo.service");
            // The program itself is not installed here.
            await File.WriteAllTextAsync(
                file,
                unit.Replace("/usr/lib/air-silo/air-silo", "/bin/true", StringComparison.Ordinal)
            );
            var (exitCode, output) = await RunAsync("systemd-analyze", "verify", "--man=no", file);

            Assert.True(exitCode == 0 && output.Length == 0, output);
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    [LinterFact("dockerfilelint")]
    public async Task Dockerfile_OfTheSilo_IsLinted()
    {
        var (exitCode, output) = await RunAsync("dockerfilelint", Path.Combine(Folder, "Dockerfile"));

        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task Bicep_ForAzure_IsBuiltAndLintedWithoutAWarning()
    {
        var tools = typeof(LintTests)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(static it => it.Key == "BicepTools")
            .Value!;
        var bicep = Path.Combine(tools, "bicep");
        // A package's files are not executable as they come.
        await RunAsync("chmod", "u+x", bicep);

        var (exitCode, output) = await RunAsync(bicep, "lint", Path.Combine(Folder, "azure", "main.bicep"));

        Assert.True(exitCode == 0 && !output.Contains("Warning", StringComparison.Ordinal), output);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1" },
            },
        };
        process.Start();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        return (process.ExitCode, (await output + await error).Trim());
    }
}
