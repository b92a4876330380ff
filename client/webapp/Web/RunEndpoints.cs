using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Air.Orleans.Core;
using Air.Orleans.Data;
using Air.Orleans.Train;
using Air.Orleans.WebApp.Model;

namespace Air.Orleans.WebApp.Web;

/// <summary>Runs: listed, begun, followed, stopped.</summary>
internal static class RunEndpoints
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    public static void MapRuns(this IEndpointRouteBuilder app)
    {
        // [list]
        app.MapGet(
            "/api/runs",
            (AirConnection air, CancellationToken cancellationToken) =>
                air.CallAsync(
                    async (cluster, token) => (await cluster.Runs.ListAsync(token)).Select(RunView.Of),
                    cancellationToken
                )
        );
        // [/list]
        app.MapPost("/api/runs", SubmitAsync);
        app.MapGet("/api/runs/{name}", DescribeAsync);
        app.MapGet(
            "/api/runs/{name}/events",
            (string name, AirConnection air, TimeProvider time, CancellationToken cancellationToken) =>
                TypedResults.ServerSentEvents(FollowAsync(air, name, time, cancellationToken))
        );
        app.MapDelete(
            "/api/runs/{name}",
            (string name, AirConnection air, CancellationToken cancellationToken) =>
                air.CallAsync(
                    async (cluster, token) => RunView.Of(await cluster.Runs.StopAsync(name, RunKind.Train, token)),
                    cancellationToken
                )
        );
    }

    // [submit]
    private static async Task<IResult> SubmitAsync(
        LineRequest line,
        AirConnection air,
        CancellationToken cancellationToken
    )
    {
        line.Check();
        var name = await air.CallAsync(
            (cluster, token) =>
                cluster.SubmitAsync(
                    new DataParallelTrainer<LineRequest>(new LineLoop())
                    {
                        Parameters = line,
                        Datasets = { ["train"] = cluster.Data.Range(100, blocks: 4) },
                        Run = new() { Name = line.Name },
                        Scaling = new() { Workers = 1 },
                        Checkpoints = new() { Keep = 2 },
                    },
                    token
                ),
            cancellationToken
        );
        return Results.Accepted($"/api/runs/{name}", new { name });
    }

    // [/submit]

    private static Task<RunDetails> DescribeAsync(
        string name,
        AirConnection air,
        CancellationToken cancellationToken
    ) =>
        air.CallAsync(
            async (cluster, token) =>
            {
                var run = await cluster.Runs.GetAsync(name, RunKind.Train, token);
                var checkpoints = await cluster.Checkpoints.ListAsync(name, token);
                return new RunDetails(
                    RunView.Of(run),
                    [.. checkpoints.Select(static it => new CheckpointView(it.Id, it.Metrics))]
                );
            },
            cancellationToken
        );

    // [follow]
    /// <summary>An event for each change; where the cluster is away meanwhile one that says so, and the rest when it is back.</summary>
    private static async IAsyncEnumerable<SseItem<RunEvent>> FollowAsync(
        AirConnection air,
        string name,
        TimeProvider time,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        RunEvent? told = null;
        while (true)
        {
            var seen = await LookAsync(air, name, cancellationToken);
            if (seen != told)
            {
                told = seen;
                yield return new SseItem<RunEvent>(seen, seen.IsAway ? "away" : "run");
            }

            if (seen.HasEnded)
            {
                yield break;
            }

            await Task.Delay(Look, time, cancellationToken);
        }
    }

    // [/follow]

    private static async Task<RunEvent> LookAsync(AirConnection air, string name, CancellationToken cancellationToken)
    {
        try
        {
            var run = await air.CallAsync(
                (cluster, token) => cluster.Runs.GetAsync(name, RunKind.Train, token),
                cancellationToken
            );
            return new RunEvent(run.State.ToString(), run.Error ?? run.Detail, IsAway: false, HasEnded(run.State));
        }
        catch (ClusterUnavailableException error)
        {
            return new RunEvent("Unknown", error.Message, IsAway: true, HasEnded: false);
        }
        catch (AirException error)
        {
            return new RunEvent("Unknown", error.Message, IsAway: false, HasEnded: true);
        }
    }

    private static bool HasEnded(RunState state) => state is RunState.Succeeded or RunState.Stopped or RunState.Failed;
}
