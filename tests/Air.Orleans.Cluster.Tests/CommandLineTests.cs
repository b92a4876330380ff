using System.Text.Json;
using System.Text.RegularExpressions;
using Air.Orleans.Core;
using Air.Orleans.Tests;
using Air.Orleans.Train;

namespace Air.Orleans.Cluster.Tests;

/// <summary>The command line, as a person or a script calls it.</summary>
public sealed partial class CommandLineTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Start_Status_Stop_OfTwoSilos_TellWhatThereIs()
    {
        using var folder = new TemporaryFolder();
        var cluster = ClusterUri.OfFolder(folder.Path).ToString();
        var first = await AirAsync("start", "--detach", "--cluster", cluster, "--resources", "CPU=1,GPU=2");
        var second = await AirAsync(
            "start",
            "--detach",
            "--cluster",
            cluster,
            "--resources",
            "CPU=1,GPU=0",
            "--labels",
            "zone=a"
        );
        try
        {
            Assert.Contains("is up", first.Output, StringComparison.Ordinal);
            Assert.Contains("is up", second.Output, StringComparison.Ordinal);

            var status = JsonDocument
                .Parse((await AirAsync("status", "--cluster", cluster, "--json")).Output)
                .RootElement;
            var silos = status.GetProperty("silos").EnumerateArray().ToList();
            Assert.Equal(2, silos.Count);
            Assert.Equal(
                [0, 2],
                silos.Select(static silo => silo.GetProperty("declared").GetProperty("gpu").GetDouble()).Order()
            );
            Assert.Contains(silos, static silo => silo.GetProperty("labels").TryGetProperty("zone", out _));

            var table = await AirAsync("status", "--cluster", cluster);
            Assert.Contains("zone=a", table.Output, StringComparison.Ordinal);
            Assert.Contains("nothing waits", table.Output, StringComparison.Ordinal);
        }
        finally
        {
            var stopped = await AirAsync("stop", "--all", "--cluster", cluster);
            Assert.Equal(2, stopped.Output.Split("stopped ").Length - 1);
            Assert.Empty(stopped.Error);
            Assert.All(
                ProcessesOf(first, second),
                static process => Assert.False(Directory.Exists($"/proc/{process}"))
            );
        }
    }

    [Fact]
    public async Task Quickstart_OnASiloOfTheSameProgram_ShipsItsCode()
    {
        using var folder = new TemporaryFolder();
        var cluster = ClusterUri.OfFolder(folder.Path).ToString();
        await AirAsync("start", "--detach", "--cluster", cluster, "--resources", "CPU=2");
        try
        {
            var report = await AirAsync("quickstart", "--cluster", cluster, "--samples", "2", "--json");
            Assert.StartsWith("{", report.Output, StringComparison.Ordinal);

            var code = await AirAsync("code", "--cluster", cluster);
            Assert.Contains("Air.Orleans.Quickstart", code.Output, StringComparison.Ordinal);
        }
        finally
        {
            await AirAsync("stop", "--all", "--cluster", cluster);
        }
    }

    [Fact]
    public async Task Status_RequestThatWaits_SaysWhy()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path, count: 1, resources: "CPU=1,GPU=2");
        using var ending = new CancellationTokenSource();
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reserving = silos.Air.Resources.ReserveAsync(
            new PlacementRequest
            {
                Purpose = "a large model",
                Bundles = [new Bundle { Resources = new ResourceSet { Gpu = 4 } }],
                WaitForCapacity = true,
            },
            new Heard(waits),
            ending.Token
        );
        await waits.Task.WaitAsync(Limit);

        var status = await AirAsync("status", "--cluster", silos.Cluster);

        Assert.Contains("a large model", status.Output, StringComparison.Ordinal);
        Assert.Contains("needs 4 GPU on one silo; the most that any has is 2", status.Output, StringComparison.Ordinal);
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reserving);
    }

    [Fact]
    public async Task Runs_OfATrainingWithCheckpoints_AreListedExportedAndDeleted()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path, count: 1);
        var exported = Path.Combine(folder.Path, "exported");
        var trainer = PausingLoop.Trainer(silos.Air, pauseBefore: null) with { Run = new() { Name = "cli" } };
        await silos.Air.FitAsync(trainer).WaitAsync(Limit);

        var runs = JsonDocument
            .Parse((await AirAsync("runs", "--cluster", silos.Cluster, "--json")).Output)
            .RootElement;
        var run = Assert.Single(runs.EnumerateArray());
        Assert.Equal(("cli", "Succeeded"), (run.GetProperty("name").GetString(), run.GetProperty("state").GetString()));

        var checkpoints = JsonDocument.Parse(
            (await AirAsync("checkpoints", "cli", "--cluster", silos.Cluster, "--json")).Output
        );
        var id = checkpoints.RootElement.EnumerateArray().Last().GetProperty("id").GetString()!;
        Assert.Equal(0, (await AirAsync("checkpoints", "verify", id, "--cluster", silos.Cluster)).ExitCode);
        Assert.Equal(0, (await AirAsync("checkpoints", "export", id, exported, "--cluster", silos.Cluster)).ExitCode);
        Assert.True(File.Exists(Path.Combine(exported, "manifest.json")));
        Assert.Equal(0, (await AirAsync("checkpoints", "import", exported, "--cluster", silos.Cluster)).ExitCode);

        Assert.Equal(
            0,
            (await AirAsync("runs", "delete", "cli", "--checkpoints", "--cluster", silos.Cluster)).ExitCode
        );
        Assert.Equal("[]", (await AirAsync("runs", "--cluster", silos.Cluster, "--json")).Output.Trim());
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("runs", "resume", "nothing")]
    [InlineData("status", "--cluster", "redis://127.0.0.1:1", "--timeout", "1")]
    [InlineData("status", "--cluster", "nonsense")]
    [InlineData("start", "--resources", "GPU=many")]
    [InlineData("start", "--resource", "GPU=1")]
    [InlineData("submit")]
    public async Task Command_WithAMistake_SaysItInOneLineAndFails(params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        string[] all = arguments.Contains("--cluster")
            ? arguments
            : [.. arguments, "--cluster", ClusterUri.OfFolder(folder.Path).ToString()];

        var (exitCode, output, error) = await AirAsync(all);

        Assert.Equal(1, exitCode);
        Assert.NotEmpty(error);
        Assert.DoesNotContain("Usage:", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    /// <summary>Of silos that were left running.</summary>
    private static IEnumerable<string> ProcessesOf(params (int, string Output, string)[] started) =>
        started.Select(static it => ProcessNumber().Match(it.Output).Groups[1].Value);

    [GeneratedRegex(@"Process (\d+)")]
    private static partial Regex ProcessNumber();

    private static Task<(int ExitCode, string Output, string Error)> AirAsync(params string[] arguments) =>
        AirCommand.RunAsync(arguments);

    private sealed class Heard(TaskCompletionSource waits) : IProgress<string>
    {
        public void Report(string value) => waits.TrySetResult();
    }
}
