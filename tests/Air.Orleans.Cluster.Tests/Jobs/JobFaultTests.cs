using Air.Orleans.Core;

namespace Air.Orleans.Cluster.Tests.Jobs;

/// <summary>Programs whose silo, or that of their book, is killed or told to stop.</summary>
public sealed class JobFaultTests(JobCluster cluster) : IClassFixture<JobCluster>
{
    private static readonly TimeSpan Limit = JobCluster.Limit;

    [Fact]
    public async Task Kill_SiloOfAJob_EndsItsProgramAndTellsIt()
    {
        var job = await cluster.Air.Jobs.SubmitAsync(cluster.Program, JobCluster.Options("stubborn"));
        var pids = await cluster.PidsAsync(job.Name, 2);

        var silo = await cluster.SiloOfAsync(job.Name);
        silo.Kill();

        await JobCluster.GoneAsync(pids);
        job = await cluster.Air.Jobs.WaitAsync(job.Name).WaitAsync(Limit);
        Assert.Contains(cluster.JobFolders, IsOfTheJob);
        await cluster.Silos.RestartAsync(silo);
        Assert.DoesNotContain(cluster.JobFolders, IsOfTheJob);
        Assert.Equal(JobState.Failed, job.State);
        Assert.Contains("silo was lost", job.Error);
        Assert.Contains(
            await cluster.LogsAsync(job.Name),
            static line => line.Text.StartsWith("pid ", StringComparison.Ordinal)
        );

        bool IsOfTheJob(string folder) => Path.GetFileName(folder).StartsWith($"{job.Name}.", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kill_SiloOfAJobWithRetries_StartsItElsewhere()
    {
        var job = await cluster.Air.Jobs.SubmitAsync(cluster.Program, JobCluster.Options("once") with { Retries = 1 });
        var pids = await cluster.PidsAsync(job.Name, 1);

        var silo = await cluster.SiloOfAsync(job.Name);
        silo.Kill();

        await JobCluster.GoneAsync(pids);
        job = await cluster.Air.Jobs.WaitAsync(job.Name).WaitAsync(Limit);
        await cluster.Silos.RestartAsync(silo);
        Assert.Equal((JobState.Succeeded, 2), (job.State, job.Attempt));
        Assert.Contains(await cluster.LogsAsync(job.Name), static line => line is { Attempt: 2, Text: "second time" });
    }

    /// <summary>The book of jobs begins elsewhere, and finds the job where it was.</summary>
    [Fact]
    public async Task Kill_SiloOfTheBook_LeavesAJobOfAnotherAsItIs()
    {
        var go = Path.Combine(cluster.Folder, $"{Guid.NewGuid():N}");
        var jobs = new List<JobInfo>();
        var book = await cluster.SiloOfTheBookAsync();
        SiloProcess at;
        do
        {
            // The silo that has the fewest takes the next.
            jobs.Add(await cluster.Air.Jobs.SubmitAsync(cluster.Program, JobCluster.Options("until", go)));
            await cluster.PidsAsync(jobs[^1].Name, 1);
            at = await cluster.SiloOfAsync(jobs[^1].Name);
        } while (at == book && jobs.Count < 4);

        Assert.NotSame(book, at);
        var name = jobs[^1].Name;
        var before = await cluster.TicksAsync(name, 1);
        book.Kill();
        var after = await cluster.TicksAsync(name, before + 20);
        var running = await cluster.Air.Jobs.GetAsync(name);
        var (exitCode, listed, _) = await AirCommand.RunAsync("jobs", "--cluster", cluster.Silos.Cluster);
        await File.WriteAllTextAsync(go, "");
        var ended = await cluster.Air.Jobs.WaitAsync(name).WaitAsync(Limit);
        await cluster.Silos.RestartAsync(book);

        Assert.True(after > before);
        Assert.Equal((JobState.Running, 1), (running.State, running.Attempt));
        Assert.Equal(0, exitCode);
        Assert.Contains(name, listed, StringComparison.Ordinal);
        Assert.Equal((JobState.Succeeded, 1), (ended.State, ended.Attempt));
    }

    /// <summary>As an upgrade does it, silo after silo; a drain is no failure of the job.</summary>
    [Fact]
    public async Task Terminate_SilosOfAJobWithRetries_StartsItElsewhereAndCountsNone()
    {
        var go = Path.Combine(cluster.Folder, $"{Guid.NewGuid():N}");
        var job = await cluster.Air.Jobs.SubmitAsync(
            cluster.Program,
            JobCluster.Options("until", go) with
            {
                Retries = 1,
            }
        );
        for (var drained = 1; drained <= 3; drained++)
        {
            var pid = (await cluster.PidsAsync(job.Name, drained))[^1];
            var silo = await cluster.SiloOfAsync(job.Name);
            await silo.TerminateAsync();
            await silo.WaitForExitAsync(Limit);
            Assert.Equal(0, silo.ExitCode);
            await JobCluster.GoneAsync([pid]);
            await cluster.Silos.RestartAsync(silo);
        }

        await cluster.PidsAsync(job.Name, 4);
        await File.WriteAllTextAsync(go, "");
        job = await cluster.Air.Jobs.WaitAsync(job.Name).WaitAsync(Limit);

        Assert.True(job.State == JobState.Succeeded, job.Error);
        Assert.True(job.Attempt >= 4);
    }

    [Fact]
    public async Task Terminate_SiloOfAJobWithoutRetries_WaitsForItsEnd()
    {
        var go = Path.Combine(cluster.Folder, "go");
        var job = await cluster.Air.Jobs.SubmitAsync(cluster.Program, JobCluster.Options("until", go));
        await cluster.PidsAsync(job.Name, 1);
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
}
