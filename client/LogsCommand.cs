using System.CommandLine;
using Air.Orleans.Core;

namespace Air.Orleans.CommandLine;

/// <summary><c>air logs</c>: what a job's program wrote.</summary>
internal static class LogsCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("job") { Description = "The job's name" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the job has ended" };
        return new AskCommand(
            "logs",
            "What a job's program wrote: standard output here as there, standard error too",
            async (call, cancellationToken) =>
            {
                var job = call.Parsed.GetValue(name)!;
                if (!call.Json)
                {
                    await PrintAsync(call.Air, job, call.Parsed.GetValue(follow), cancellationToken);
                    return 0;
                }

                var lines = new List<JobLogLine>();
                await foreach (
                    var line in call.Air.Jobs.LogsAsync(job, call.Parsed.GetValue(follow), cancellationToken)
                )
                {
                    lines.Add(line);
                }

                return call.Print(lines, static _ => { });
            }
        )
        {
            name,
            follow,
        };
    }

    /// <summary>Prints each line where its program wrote it to: standard output or standard error.</summary>
    public static async Task PrintAsync(IAirCluster air, string job, bool follow, CancellationToken cancellationToken)
    {
        await foreach (var line in air.Jobs.LogsAsync(job, follow, cancellationToken))
        {
            await (line.IsError ? Console.Error : Console.Out).WriteLineAsync(line.Text);
        }
    }
}
