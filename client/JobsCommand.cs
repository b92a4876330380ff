using System.CommandLine;
using Air.Orleans.Core;

namespace Air.Orleans.CommandLine;

/// <summary><c>air jobs</c>: the programs that run in the cluster; and <c>stop</c>, <c>wait</c>, <c>delete</c> of one.</summary>
internal static class JobsCommand
{
    public static Command Create() =>
        new AskCommand(
            "jobs",
            "Programs that run in the cluster or ran there, the newest first",
            static async (call, cancellationToken) =>
                call.Print(await call.Air.Jobs.ListAsync(cancellationToken), Print)
        )
        {
            One("show", "One job", static (air, name, token) => air.Jobs.GetAsync(name, token)),
            One(
                "stop",
                "End a job's program: it is asked to, and killed after ten seconds",
                static (air, name, token) => air.Jobs.StopAsync(name, token)
            ),
            One("wait", "Wait until a job has ended", static (air, name, token) => air.Jobs.WaitAsync(name, token)),
            One(
                "delete",
                "Forget a job that has ended, and what it wrote",
                static (air, name, token) => air.Jobs.DeleteAsync(name, token),
                succeeds: true
            ),
        };

    public static void Print(IReadOnlyList<JobInfo> jobs) =>
        Tables.Print(
            "Jobs",
            jobs,
            "no jobs",
            ("name", static job => job.Name),
            ("state", static job => $"{job.State}"),
            ("program", static job => job.Program),
            ("submitted", static job => $"{Tables.Since(job.CreatedAt)} ago"),
            ("silo", static job => job.Silo ?? ""),
            ("exit", static job => $"{job.ExitCode}"),
            ("detail", static job => job.Error ?? job.Detail)
        );

    private static AskCommand One(
        string verb,
        string description,
        Func<IAirCluster, string, CancellationToken, Task<JobInfo>> run,
        bool succeeds = false
    )
    {
        var name = new Argument<string>("name") { Description = "The job's name" };
        return new AskCommand(
            verb,
            description,
            async (call, cancellationToken) =>
            {
                var job = await run(call.Air, call.Parsed.GetValue(name)!, cancellationToken);
                call.Print(job, static one => Print([one]));
                return job.State == JobState.Failed && !succeeds ? 1 : 0;
            }
        )
        {
            name,
        };
    }
}
