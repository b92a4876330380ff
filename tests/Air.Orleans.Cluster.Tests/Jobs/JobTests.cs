using System.Diagnostics;
using System.Globalization;
using Air.Orleans.Core;
using Air.Orleans.Core.Tests.Shipping;
using Air.Orleans.Tests;

namespace Air.Orleans.Cluster.Tests.Jobs;

/// <summary>Programs that run in a cluster of two silo processes, one of which may be killed.</summary>
public sealed class JobTests(JobTests.JobCluster cluster) : IClassFixture<JobTests.JobCluster>
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Submit_Program_IsGivenWhatWasAskedAndKeepsWhatItWrote()
    {
        string[] arguments = ["echo", "two words", "\"quoted\" 'text'", "$HOME `x` \\", "", "--name"];
        var job = await cluster.Air.Jobs.SubmitAsync(
            cluster.Program,
            new JobOptions
            {
                Arguments = arguments,
                Environment = new Dictionary<string, string> { ["MODE"] = "a b=c" },
            }
        );
        job = await cluster.Air.Jobs.WaitAsync(job.Name).WaitAsync(Limit);
        var lines = await LogsAsync(job.Name);

        Assert.Equal((JobState.Succeeded, 0), (job.State, job.ExitCode));
        Assert.Equal(
            [.. arguments[1..].Select(static text => $"[{text}]"), "a b=c", job.Name],
            Texts(lines, isError: false)
        );
        Assert.Equal(["to standard error"], Texts(lines, isError: true));
    }

    [Fact]
    public async Task Submit_SameFolderAgain_SendsNothing()
    {
        var first = await cluster.Air.Jobs.SubmitAsync(cluster.Program, Options("echo"));
        var code = await cluster.Air.Code.ListAsync();
        var second = await cluster.Air.Jobs.SubmitAsync(cluster.Program, Options("echo"));

        Assert.Equal(first.Code, second.Code);
        Assert.Equal(code.Count, (await cluster.Air.Code.ListAsync()).Count);
        await cluster.Air.Jobs.WaitAsync(first.Name).WaitAsync(Limit);
        await cluster.Air.Jobs.WaitAsync(second.Name).WaitAsync(Limit);
    }

    [Fact]
    public async Task Submit_ClientThatEnds_LeavesTheJobAndItIsDeletedLater()
    {
        string name;
        await using (var client = await cluster.Silos.ConnectAsync())
        {
            name = (await client.Jobs.SubmitAsync(cluster.Program, Options("echo"))).Name;
        }

        var job = await cluster.Air.Jobs.WaitAsync(name).WaitAsync(Limit);
        Assert.Equal(JobState.Succeeded, job.State);
        await cluster.Air.Jobs.DeleteAsync(name);
        Assert.DoesNotContain(await cluster.Air.Jobs.ListAsync(), job => job.Name == name);
        await Assert.ThrowsAsync<AirException>(() => LogsAsync(name));
    }

    [Theory]
    [InlineData("throw", "broken on purpose")]
    [InlineData("static", "The type initializer")]
    [InlineData("exit", "exit code 7")]
    public async Task Submit_ProgramThatFails_TellsWhy(string how, string part)
    {
        var job = await RunAsync(cluster.Program, Options(how));

        Assert.Equal(JobState.Failed, job.State);
        Assert.Contains(part, job.Error);
    }

    [Fact]
    public async Task Submit_ProgramOfAnotherFramework_TellsWhichIsMissing()
    {
        var folder = Path.Combine(cluster.Folder, "newer");
        var program = UserCode.Compile(folder, "newer", "Console.WriteLine();", isProgram: true);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "newer.runtimeconfig.json"),
            UserCode.RuntimeConfig("99.0.0")
        );

        var job = await RunAsync(program, new JobOptions());

        Assert.Equal(JobState.Failed, job.State);
        Assert.Contains("install or update .NET", job.Error);
        Assert.Contains(await LogsAsync(job.Name), static line => line.Text.Contains("99.0.0"));
    }

    [Fact]
    public async Task Submit_MoreThanAnySiloHas_FailsAndSaysWhatThereIs()
    {
        var job = await RunAsync(cluster.Program, Options("echo") with { Resources = new ResourceSet { Cpu = 999 } });

        Assert.Equal(JobState.Failed, job.State);
        Assert.Contains("999 CPU", job.Error);
    }

    [Fact]
    public async Task Submit_ProgramThatConnects_FindsItsClusterAndShipsItsOwnCode()
    {
        var program = cluster.CompileWithLibraries(
            "connects",
            """
            using Air.Orleans; using Air.Orleans.Core; using Air.Orleans.Data;
            await using var air = await AirCluster.ConnectAsync();
            var limit = 3;
            Console.WriteLine($"rows {await air.Data.Range(10).Filter(row => row.Get<long>("id") > limit).CountAsync()}");
            """
        );

        var job = await RunAsync(program, new JobOptions { Resources = new ResourceSet { Cpu = 1 } });

        Assert.True(job.State == JobState.Succeeded, job.Error);
        Assert.Equal(["rows 6"], Texts(await LogsAsync(job.Name), isError: false));
        Assert.Contains(await cluster.Air.Code.ListAsync(), static code => code.Name == "connects" && code.Files < 5);
    }

    [Fact]
    public async Task Stop_ProgramThatWillNotEnd_KillsItAndItsChildren()
    {
        var job = await cluster.Air.Jobs.SubmitAsync(cluster.Program, Options("stubborn"));
        var pids = await PidsAsync(job.Name, 2);

        job = await cluster.Air.Jobs.StopAsync(job.Name).WaitAsync(Limit);

        Assert.Equal(JobState.Stopped, job.State);
        await GoneAsync(pids);
    }

    [Fact]
    public async Task Kill_SiloOfAJob_EndsItsProgramAndTellsIt()
    {
        var job = await cluster.Air.Jobs.SubmitAsync(cluster.Program, Options("stubborn"));
        var pids = await PidsAsync(job.Name, 2);

        var silo = await cluster.SiloOfAsync(job.Name);
        silo.Kill();

        await GoneAsync(pids);
        job = await cluster.Air.Jobs.WaitAsync(job.Name).WaitAsync(Limit);
        Assert.NotEmpty(cluster.JobFolders);
        await cluster.Silos.RestartAsync(silo);
        Assert.Empty(cluster.JobFolders);
        Assert.Equal(JobState.Failed, job.State);
        Assert.Contains("silo was lost", job.Error);
        Assert.Contains(
            await LogsAsync(job.Name),
            static line => line.Text.StartsWith("pid ", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Kill_SiloOfAJobWithRetries_StartsItElsewhere()
    {
        var job = await cluster.Air.Jobs.SubmitAsync(cluster.Program, Options("once") with { Retries = 1 });
        var pids = await PidsAsync(job.Name, 1);

        var silo = await cluster.SiloOfAsync(job.Name);
        silo.Kill();

        await GoneAsync(pids);
        job = await cluster.Air.Jobs.WaitAsync(job.Name).WaitAsync(Limit);
        await cluster.Silos.RestartAsync(silo);
        Assert.Equal((JobState.Succeeded, 2), (job.State, job.Attempt));
        Assert.Contains(await LogsAsync(job.Name), static line => line is { Attempt: 2, Text: "second time" });
    }

    /// <summary>As an upgrade does it, silo after silo; a drain is no failure of the job.</summary>
    [Fact]
    public async Task Terminate_SilosOfAJobWithRetries_StartsItElsewhereAndCountsNone()
    {
        const int Drained = 3;
        var job = await cluster.Air.Jobs.SubmitAsync(
            cluster.Program,
            Options("moves", $"{Drained + 1}") with
            {
                Retries = 1,
            }
        );
        for (var attempt = 1; attempt <= Drained; attempt++)
        {
            var pid = (await PidsAsync(job.Name, attempt))[^1];
            var silo = await cluster.SiloOfAsync(job.Name);
            await silo.TerminateAsync();
            await silo.WaitForExitAsync(Limit);
            Assert.Equal(0, silo.ExitCode);
            await GoneAsync([pid]);
            await cluster.Silos.RestartAsync(silo);
        }

        job = await cluster.Air.Jobs.WaitAsync(job.Name).WaitAsync(Limit);

        Assert.Equal((JobState.Succeeded, Drained + 1), (job.State, job.Attempt));
    }

    [Fact]
    public async Task Terminate_SiloOfAJobWithoutRetries_WaitsForItsEnd()
    {
        var go = Path.Combine(cluster.Folder, "go");
        var job = await cluster.Air.Jobs.SubmitAsync(cluster.Program, Options("until", go));
        await PidsAsync(job.Name, 1);
        var silo = await cluster.SiloOfAsync(job.Name);
        var closing = silo.LineAsync("info: Air.Orleans.Core.Silos.SiloDrain[1100] Drain, Closing", Limit);

        await silo.TerminateAsync();
        await closing;
        await File.WriteAllTextAsync(go, "");
        job = await cluster.Air.Jobs.WaitAsync(job.Name).WaitAsync(Limit);
        await silo.WaitForExitAsync(Limit);
        await cluster.Silos.RestartAsync(silo);

        Assert.Equal((JobState.Succeeded, 1), (job.State, job.Attempt));
    }

    private static JobOptions Options(params string[] arguments) => new() { Arguments = arguments };

    private async Task<JobInfo> RunAsync(string program, JobOptions options)
    {
        var job = await cluster.Air.Jobs.SubmitAsync(program, options);
        return await cluster.Air.Jobs.WaitAsync(job.Name).WaitAsync(Limit);
    }

    private async Task<List<JobLogLine>> LogsAsync(string job)
    {
        var lines = new List<JobLogLine>();
        await foreach (var line in cluster.Air.Jobs.LogsAsync(job))
        {
            lines.Add(line);
        }

        return lines;
    }

    private static IEnumerable<string> Texts(List<JobLogLine> lines, bool isError) =>
        lines.Where(line => line.IsError == isError).Select(static line => line.Text);

    /// <summary>The ids of processes that a job prints; waits for so many.</summary>
    private async Task<List<int>> PidsAsync(string job, int count)
    {
        using var limit = new CancellationTokenSource(Limit);
        var pids = new List<int>();
        await foreach (var line in cluster.Air.Jobs.LogsAsync(job, follow: true, limit.Token))
        {
            if (line.Text.StartsWith("pid ", StringComparison.Ordinal))
            {
                pids.Add(int.Parse(line.Text.AsSpan(4), CultureInfo.InvariantCulture));
            }

            if (pids.Count == count)
            {
                return pids;
            }
        }

        throw new InvalidOperationException($"The job ended: {(await cluster.Air.Jobs.GetAsync(job)).Error}");
    }

    private static async Task GoneAsync(List<int> pids)
    {
        foreach (var pid in pids)
        {
            try
            {
                using var process = Process.GetProcessById(pid);
                await process.WaitForExitAsync().WaitAsync(Limit);
            }
            catch (ArgumentException)
            {
                // It is gone already.
            }
        }
    }

    public sealed class JobCluster : IAsyncLifetime
    {
        private const string Source = """
            switch (args[0])
            {
                case "echo":
                    foreach (var text in args.Skip(1)) Console.WriteLine($"[{text}]");
                    if (Environment.GetEnvironmentVariable("MODE") is { } mode) Console.WriteLine(mode);
                    Console.WriteLine(Environment.GetEnvironmentVariable("AIR_JOB"));
                    Console.Error.WriteLine("to standard error");
                    return 0;
                case "throw":
                    throw new InvalidOperationException("broken on purpose");
                case "static":
                    return Broken.Value;
                case "exit":
                    return 7;
                case "once" when Environment.GetEnvironmentVariable("AIR_JOB_ATTEMPT") != "1":
                    Console.WriteLine("second time");
                    return 0;
                case "moves":
                    Console.WriteLine($"pid {Environment.ProcessId}");
                    if (Environment.GetEnvironmentVariable("AIR_JOB_ATTEMPT") != args[1]) await Task.Delay(-1);
                    return 0;
                case "until":
                    Console.WriteLine($"pid {Environment.ProcessId}");
                    while (!File.Exists(args[1])) await Task.Delay(20);
                    return 0;
                default:
                    using (System.Runtime.InteropServices.PosixSignalRegistration.Create(
                        System.Runtime.InteropServices.PosixSignal.SIGTERM, context => context.Cancel = true))
                    {
                        var child = System.Diagnostics.Process.Start("sleep", "1000");
                        Console.WriteLine($"pid {Environment.ProcessId}");
                        Console.WriteLine($"pid {child.Id}");
                        await Task.Delay(-1);
                        return 0;
                    }
            }

            static class Broken { public static int Value = int.Parse("none"); }
            """;

        private readonly TemporaryFolder _folder = new();

        internal SiloProcesses Silos { get; private set; } = null!;

        public AirCluster Air => Silos.Air;

        public string Folder => _folder.Path;

        public string Program { get; private set; } = "";

        /// <summary>The folders of jobs that run, or were left behind.</summary>
        public IEnumerable<string> JobFolders =>
            Directory
                .GetDirectories(Path.Combine(Folder, "code", "jobs"))
                .SelectMany(static silo => Directory.GetDirectories(silo));

        public async Task InitializeAsync()
        {
            Program = UserCode.Compile(Path.Combine(Folder, "probe"), "probe", Source, isProgram: true);
            Silos = await SiloProcesses.StartInFolderAsync(
                Folder,
                count: 2,
                load: false,
                arguments: ["--code-folder", Path.Combine(Folder, "code")]
            );
        }

        public async Task DisposeAsync()
        {
            await Silos.DisposeAsync();
            _folder.Dispose();
        }

        /// <summary>A program with the libraries of Air.Orleans beside it, as 'dotnet publish' leaves it; without what is native.</summary>
        internal string CompileWithLibraries(string name, string source) =>
            UserPrograms.Compile(Path.Combine(Folder, name), name, source);

        internal async Task<SiloProcess> SiloOfAsync(string job)
        {
            var silo = (await Air.Jobs.GetAsync(job)).Silo!;
            return Silos.At(int.Parse(silo.Split('@')[0].Split(':')[^1], CultureInfo.InvariantCulture));
        }
    }
}
