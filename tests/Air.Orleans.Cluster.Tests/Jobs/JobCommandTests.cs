using System.Text.Json;
using Air.Orleans.Core;
using Air.Orleans.Tests;

namespace Air.Orleans.Cluster.Tests.Jobs;

/// <summary>Jobs as a person submits them: by the command line, to silos with mutual TLS and a secret.</summary>
public sealed class JobCommandTests
{
    private const string Program = """
        using Air.Orleans; using Air.Orleans.Core; using Air.Orleans.Data;
        await using var air = await AirCluster.ConnectAsync();
        var limit = int.Parse(args[0]);
        Console.WriteLine($"rows {await air.Data.Range(10).Filter(row => row.Get<long>("id") > limit).CountAsync()} {args[1]}");
        """;

    [Fact]
    public async Task Submit_ProgramToSilosWithTls_ConnectsShipsItsCodeAndIsListed()
    {
        using var folder = new TemporaryFolder();
        var program = UserPrograms.Compile(Path.Combine(folder.Path, "program"), "counts", Program);
        var tls = Path.Combine(folder.Path, "tls");
        string[] cluster = ["--cluster", ClusterUri.OfFolder(folder.Path).ToString(), "--tls", tls];
        await SucceedAsync("certs", tls);
        await SucceedAsync(["start", "--detach", "--resources", "CPU=2,GPU=0", .. cluster]);
        try
        {
            var said = await SucceedAsync([
                "submit",
                program,
                "--name",
                "count",
                "--wait",
                .. cluster,
                "--",
                "3",
                "two words",
            ]);
            Assert.Contains("rows 6 two words", said, StringComparison.Ordinal);

            var jobs = JsonDocument.Parse(await SucceedAsync(["jobs", "--json", .. cluster])).RootElement;
            var job = Assert.Single(jobs.EnumerateArray());
            Assert.Equal("count", job.GetProperty("name").GetString());
            Assert.Equal("Succeeded", job.GetProperty("state").GetString());
            Assert.Contains(
                "rows 6",
                await SucceedAsync(["logs", "-f", "count", .. cluster]),
                StringComparison.Ordinal
            );
            Assert.Contains("counts", await SucceedAsync(["code", .. cluster]), StringComparison.Ordinal);

            var secret = await File.ReadAllTextAsync(Path.Combine(tls, "secret"));
            Assert.DoesNotContain(secret.Trim(), jobs.GetRawText(), StringComparison.Ordinal);

            await SucceedAsync(["jobs", "delete", "count", .. cluster]);
            var gone = await AirCommand.RunAsync(["logs", "count", .. cluster]);
            Assert.Equal(1, gone.ExitCode);
            Assert.Contains("count", gone.Error, StringComparison.Ordinal);
        }
        finally
        {
            await SucceedAsync(["stop", "--all", .. cluster]);
        }
    }

    private static async Task<string> SucceedAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await AirCommand.RunAsync(arguments);
        Assert.True(exitCode == 0, $"air {string.Join(' ', arguments)}: {error}");
        return output;
    }
}
