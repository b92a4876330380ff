using System.Security.Cryptography;
using Air.Orleans.Core;
using Air.Orleans.Core.Jobs;
using Air.Orleans.Core.Shipping.Code;
using Air.Orleans.Core.Tests.Shipping;
using Microsoft.Extensions.DependencyInjection;

namespace Air.Orleans.Cluster.Tests.Jobs;

/// <summary>Programs that run in a cluster of two silo processes.</summary>
public sealed class JobTests(JobCluster cluster) : IClassFixture<JobCluster>
{
    private static readonly TimeSpan Limit = JobCluster.Limit;

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
        var lines = await cluster.LogsAsync(job.Name);

        Assert.Equal((JobState.Succeeded, 0), (job.State, job.ExitCode));
        Assert.Equal(
            [.. arguments[1..].Select(static text => $"[{text}]"), "a b=c", job.Name],
            JobCluster.Texts(lines, isError: false)
        );
        Assert.Equal(["to standard error"], JobCluster.Texts(lines, isError: true));
    }

    [Fact]
    public async Task Submit_SameFolderAgain_SendsNothing()
    {
        var first = await cluster.Air.Jobs.SubmitAsync(cluster.Program, JobCluster.Options("echo"));
        var code = await cluster.Air.Code.ListAsync();
        var second = await cluster.Air.Jobs.SubmitAsync(cluster.Program, JobCluster.Options("echo"));

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
            name = (await client.Jobs.SubmitAsync(cluster.Program, JobCluster.Options("echo"))).Name;
        }

        var job = await cluster.Air.Jobs.WaitAsync(name).WaitAsync(Limit);
        Assert.Equal(JobState.Succeeded, job.State);
        await cluster.Air.Jobs.DeleteAsync(name);
        Assert.DoesNotContain(await cluster.Air.Jobs.ListAsync(), job => job.Name == name);
        await Assert.ThrowsAsync<AirException>(() => cluster.LogsAsync(name));
    }

    [Theory]
    [InlineData("throw", "broken on purpose")]
    [InlineData("static", "The type initializer")]
    [InlineData("exit", "exit code 7")]
    public async Task Submit_ProgramThatFails_TellsWhy(string how, string part)
    {
        var job = await cluster.RunAsync(cluster.Program, JobCluster.Options(how));

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

        var job = await cluster.RunAsync(program, new JobOptions());

        Assert.Equal(JobState.Failed, job.State);
        Assert.Contains("install or update .NET", job.Error);
        Assert.Contains(await cluster.LogsAsync(job.Name), static line => line.Text.Contains("99.0.0"));
    }

    [Fact]
    public async Task Submit_MoreThanAnySiloHas_FailsAndSaysWhatThereIs()
    {
        var job = await cluster.RunAsync(
            cluster.Program,
            JobCluster.Options("echo") with
            {
                Resources = new ResourceSet { Cpu = 999 },
            }
        );

        Assert.Equal(JobState.Failed, job.State);
        Assert.Contains("999 CPU", job.Error);
    }

    [Fact]
    public async Task Submit_WithResources_HoldsThemWhileItRuns()
    {
        var go = Path.Combine(cluster.Folder, $"{Guid.NewGuid():N}");
        var job = await cluster.Air.Jobs.SubmitAsync(
            cluster.Program,
            JobCluster.Options("until", go) with
            {
                Resources = new ResourceSet { Cpu = 1 },
            }
        );
        await cluster.PidsAsync(job.Name, 1);
        var at = (await cluster.Air.Jobs.GetAsync(job.Name)).Silo;
        var report = await cluster.Air.Resources.DescribeAsync();
        var (_, status, _) = await AirCommand.RunAsync("status", "--cluster", cluster.Silos.Cluster);
        await File.WriteAllTextAsync(go, "");
        job = await cluster.Air.Jobs.WaitAsync(job.Name).WaitAsync(Limit);

        var held = Assert.Single(report.Leases, lease => lease.Purpose == $"job '{job.Name}'");
        Assert.Equal(1, Assert.Single(held.Bundles).Resources.Cpu);
        Assert.Equal(at, held.Bundles[0].Silo!.ToParsableString());
        Assert.Equal(1, report.Silos.Single(silo => silo.Silo == held.Bundles[0].Silo).Free.Cpu);
        Assert.Contains($"job '{job.Name}'", status, StringComparison.Ordinal);
        Assert.Equal(JobState.Succeeded, job.State);
        await cluster.ReturnedAsync(held.Id).WaitAsync(Limit);
    }

    /// <summary>As a program with a model beside it.</summary>
    [Fact]
    public async Task Submit_BundleOfAHundredMegabytes_RunsAndIsSentOnce()
    {
        const int Bytes = 100 << 20;
        var folder = Path.Combine(cluster.Folder, "large");
        var program = UserCode.Compile(
            folder,
            "large",
            """
            var file = System.IO.Path.Combine(AppContext.BaseDirectory, "model.bin");
            using var stream = System.IO.File.OpenRead(file);
            Console.WriteLine(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(stream)));
            """,
            isProgram: true
        );
        var content = new byte[Bytes];
        new Random(7).NextBytes(content);
        await File.WriteAllBytesAsync(Path.Combine(folder, "model.bin"), content);
        var sender = cluster.Air.Services.GetRequiredService<CodeSender>();

        var first = await sender.SendAsync(JobProgram.Read(program).Bundle, CancellationToken.None);
        var job = await cluster.RunAsync(program, new JobOptions());
        var second = await sender.SendAsync(JobProgram.Read(program).Bundle, CancellationToken.None);
        var again = await cluster.RunAsync(program, new JobOptions());

        Assert.True(first > Bytes, $"{first} bytes were sent");
        Assert.Equal(0, second);
        Assert.All([job, again], static it => Assert.Equal(JobState.Succeeded, it.State));
        Assert.Equal(
            [Convert.ToHexString(SHA256.HashData(content))],
            JobCluster.Texts(await cluster.LogsAsync(again.Name), isError: false)
        );
        Assert.Single(await cluster.Air.Code.ListAsync(), code => code.Hash == job.Code && code.Bytes > Bytes);
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

        var job = await cluster.RunAsync(program, new JobOptions { Resources = new ResourceSet { Cpu = 1 } });

        Assert.True(job.State == JobState.Succeeded, job.Error);
        Assert.Equal(["rows 6"], JobCluster.Texts(await cluster.LogsAsync(job.Name), isError: false));
        Assert.Contains(await cluster.Air.Code.ListAsync(), static code => code.Name == "connects" && code.Files < 5);
    }

    [Fact]
    public async Task Stop_ProgramThatWillNotEnd_KillsItAndItsChildren()
    {
        var job = await cluster.Air.Jobs.SubmitAsync(cluster.Program, JobCluster.Options("stubborn"));
        var pids = await cluster.PidsAsync(job.Name, 2);

        job = await cluster.Air.Jobs.StopAsync(job.Name).WaitAsync(Limit);

        Assert.Equal(JobState.Stopped, job.State);
        await JobCluster.GoneAsync(pids);
    }
}
