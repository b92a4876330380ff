using System.CommandLine;
using Air.Orleans.Core;

namespace Air.Orleans.CommandLine;

/// <summary><c>air runs</c>: the train runs, searches and deployments; and <c>resume</c>, <c>stop</c>, <c>wait</c>, <c>delete</c> of one.</summary>
internal static class RunsCommand
{
    public static Command Create()
    {
        var command = new AskCommand(
            "runs",
            "Train runs, searches and deployments, those that changed last first",
            static async (call, cancellationToken) =>
                call.Print(await call.Air.Runs.ListAsync(cancellationToken), Print)
        );
        command.Add(
            One(
                "resume",
                "Let a run go on that the loss of every silo interrupted, from its latest checkpoint",
                static async (air, name, kind, cancellationToken) =>
                {
                    await air.Runs.ResumeAsync(name, kind, cancellationToken);
                    return await air.Runs.GetAsync(name, kind, cancellationToken);
                }
            )
        );
        command.Add(
            One(
                "stop",
                "Stop a run and wait for its end; what was committed stays",
                static (air, name, kind, cancellationToken) => air.Runs.StopAsync(name, kind, cancellationToken)
            )
        );
        command.Add(
            One(
                "wait",
                "Wait until a run has ended or is interrupted",
                static (air, name, kind, cancellationToken) => air.Runs.WaitAsync(name, kind, cancellationToken)
            )
        );
        command.Add(Delete());
        return command;
    }

    private static AskCommand Delete()
    {
        var checkpoints = new Option<bool>("--checkpoints") { Description = "Delete its checkpoints too" };
        var delete = One(
            "delete",
            "Forget a run that has ended; its name can be used again",
            async (air, name, kind, parsed, cancellationToken) =>
            {
                var run = await air.Runs.GetAsync(name, kind, cancellationToken);
                await air.Runs.DeleteAsync(name, kind, parsed.GetValue(checkpoints), cancellationToken);
                return run;
            }
        );
        delete.Add(checkpoints);
        return delete;
    }

    private static AskCommand One(
        string verb,
        string description,
        Func<IAirCluster, string, RunKind?, CancellationToken, Task<RunInfo>> run
    ) => One(verb, description, (air, name, kind, _, cancellationToken) => run(air, name, kind, cancellationToken));

    private static AskCommand One(
        string verb,
        string description,
        Func<IAirCluster, string, RunKind?, ParseResult, CancellationToken, Task<RunInfo>> run
    )
    {
        var name = new Argument<string>("name") { Description = "The run's name" };
        var kind = new Option<RunKind?>("--kind")
        {
            Description = "Its kind, where runs of several kinds have that name",
        };
        return new AskCommand(
            verb,
            description,
            async (call, cancellationToken) =>
            {
                var info = await run(
                    call.Air,
                    call.Parsed.GetValue(name)!,
                    call.Parsed.GetValue(kind),
                    call.Parsed,
                    cancellationToken
                );
                call.Print(info, static one => Print([one]));
                return info.State == RunState.Failed ? 1 : 0;
            }
        )
        {
            name,
            kind,
        };
    }

    private static void Print(IReadOnlyList<RunInfo> runs) =>
        Tables.Print(
            "Runs",
            runs,
            "no runs",
            ("name", static run => run.Name),
            ("kind", static run => $"{run.Kind}"),
            ("state", static run => $"{run.State}"),
            ("changed", static run => $"{Tables.Since(run.ChangedAt)} ago"),
            ("detail", static run => run.Error ?? run.Detail)
        );
}
