using System.Diagnostics;
using System.Globalization;
using Air.Orleans.Core;
using Air.Orleans.Core.Jobs.Grains;
using Air.Orleans.Core.Tests.Shipping;
using Air.Orleans.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Air.Orleans.Cluster.Tests.Jobs;

/// <summary>Two silo processes, either of which may be killed, and a program for them that does as its arguments say.</summary>
public sealed class JobCluster : IAsyncLifetime
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

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
            case "until":
                Console.WriteLine($"pid {Environment.ProcessId}");
                using (var ticks = new System.Threading.PeriodicTimer(TimeSpan.FromMilliseconds(50)))
                {
                    for (var tick = 1; !File.Exists(args[1]); tick++)
                    {
                        Console.WriteLine($"tick {tick}");
                        await ticks.WaitForNextTickAsync();
                    }
                }
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

    internal async Task<SiloProcess> SiloOfTheBookAsync()
    {
        var grains = Air.Services.GetRequiredService<IGrainFactory>();
        return await Silos.OfAsync(grains.GetGrain<IJobBookGrain>(0));
    }

    internal async Task<SiloProcess> SiloOfAsync(string job)
    {
        var silo = (await Air.Jobs.GetAsync(job)).Silo!;
        return Silos.At(int.Parse(silo.Split('@')[0].Split(':')[^1], CultureInfo.InvariantCulture));
    }

    public static JobOptions Options(params string[] arguments) => new() { Arguments = arguments };

    public async Task<JobInfo> RunAsync(string program, JobOptions options)
    {
        var job = await Air.Jobs.SubmitAsync(program, options);
        return await Air.Jobs.WaitAsync(job.Name).WaitAsync(Limit);
    }

    public async Task<List<JobLogLine>> LogsAsync(string job)
    {
        var lines = new List<JobLogLine>();
        await foreach (var line in Air.Jobs.LogsAsync(job))
        {
            lines.Add(line);
        }

        return lines;
    }

    public static IEnumerable<string> Texts(List<JobLogLine> lines, bool isError) =>
        lines.Where(line => line.IsError == isError).Select(static line => line.Text);

    /// <summary>The ids of processes that a job prints; waits for so many.</summary>
    public async Task<List<int>> PidsAsync(string job, int count)
    {
        using var limit = new CancellationTokenSource(Limit);
        var pids = new List<int>();
        await foreach (var line in Air.Jobs.LogsAsync(job, follow: true, limit.Token))
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

        throw new InvalidOperationException($"The job ended: {(await Air.Jobs.GetAsync(job)).Error}");
    }

    /// <summary>Waits for a tick of that number or a later one, and gives the first of them.</summary>
    public async Task<int> TicksAsync(string job, int least)
    {
        using var limit = new CancellationTokenSource(Limit);
        await foreach (var line in Air.Jobs.LogsAsync(job, follow: true, limit.Token))
        {
            if (
                line.Text.Split(' ') is ["tick", var number]
                && int.Parse(number, CultureInfo.InvariantCulture) is var tick
                && tick >= least
            )
            {
                return tick;
            }
        }

        throw new InvalidOperationException($"The job ended: {(await Air.Jobs.GetAsync(job)).Error}");
    }

    public async Task ReturnedAsync(string lease)
    {
        while ((await Air.Resources.DescribeAsync()).Leases.Any(held => held.Id == lease))
        {
            // The silo gives it back as soon as the program has ended.
        }
    }

    public static async Task GoneAsync(List<int> pids)
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
}
