using System.Diagnostics;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Serve.Diagnostics;
using Air.Orleans.Serve.Grains;
using Air.Orleans.Serve.Http;
using Air.Orleans.Serve.Replicas;
using Polly.CircuitBreaker;

namespace Air.Orleans.Serve.Routing;

/// <summary>
/// Sends requests to replicas: those of this process by an ordinary call, others by a grain call. A table that is out of date is
/// found out by a replica that is gone or a name that is unknown; it is then asked for anew before anything is refused.
/// Thread-safe.
/// </summary>
internal sealed class DeploymentRouter(IGrainFactory grains, ReplicaDirectory directory, TimeProvider time)
{
    private const int Attempts = 5;

    /// <summary>Where every replica says that it is on its way to another silo, and none that it failed: about four seconds.</summary>
    private const int AttemptsWhileMoving = 12;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>After so long a request is given up, whatever its replica does.</summary>
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(60);

    /// <summary>A try that lasts longer asks whether its silo hangs.</summary>
    private static readonly TimeSpan HangCheck = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LastWait = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private volatile RouteMap _map = RouteMap.Empty;
    private Task<RouteMap>? _running;
    private Task<RouteMap>? _queued;
    private long _draws;

    /// <summary>The table as it is known here.</summary>
    public RouteMap Map => _map;

    private IServeControllerGrain Controller => grains.GetGrain<IServeControllerGrain>(0);

    /// <summary>Takes a table over, where it is newer than the one that is known.</summary>
    public void Update(RoutingTable table)
    {
        lock (_gate)
        {
            var known = _map;
            if (table.Version > known.Table.Version)
            {
                _map = new RouteMap(table, [.. table.Deployments.Select(entry => Routed(entry, known))]);
            }
        }
    }

    /// <summary>The table as the controller has it, asked for after this call; calls at the same time share one.</summary>
    public Task<RouteMap> RefreshAsync()
    {
        lock (_gate)
        {
            return _queued ??= RefreshAfterAsync(_running);
        }
    }

    /// <summary>The answer of the deployment <paramref name="name"/>; null where there is none.</summary>
    public async Task<ReplicaAnswer?> PredictAsync(string name, byte[] body)
    {
        var deployment = _map.ByName(name) ?? (await RefreshAsync()).ByName(name);
        return deployment is null ? null : await PredictAsync(deployment, map => map.ByName(name), body);
    }

    /// <summary>
    /// The answer of a deployment. Where its replicas are gone, that of the one that <paramref name="find"/> finds in a newer table;
    /// null where it finds none.
    /// </summary>
    public async Task<ReplicaAnswer?> PredictAsync(
        RoutedDeployment deployment,
        Func<RouteMap, RoutedDeployment?> find,
        byte[] body
    )
    {
        var startedAt = Stopwatch.GetTimestamp();
        using var activity = ServeMeter.Activities.StartActivity("air.serve.request");
        activity?.SetTag("air.deployment", deployment.Entry.Name);
        var answering = RouteAsync(deployment, find, body);
        ReplicaAnswer? answer;
        try
        {
            answer = answering.IsCompleted ? await answering : await answering.WaitAsync(RequestTimeout, time);
        }
        catch (TimeoutException)
        {
            answer = ReplicaAnswer.Of(Problem.TimedOut(deployment.Entry.Name, RequestTimeout));
        }

        if (answer is not null)
        {
            ServeMeter.Answered(deployment.Entry.Name, answer.Status, startedAt);
        }

        return answer;
    }

    private async Task<ReplicaAnswer?> RouteAsync(
        RoutedDeployment first,
        Func<RouteMap, RoutedDeployment?> find,
        byte[] body
    )
    {
        var deployment = first;
        string? reason = null;
        for (var attempt = 0; attempt < (reason is null ? AttemptsWhileMoving : Attempts); attempt++)
        {
            var target = Choose(deployment);
            var (answer, lost) = await TryAsync(target, body);
            if (answer.Outcome != ReplicaOutcome.Answered)
            {
                (answer, lost) = await TryOthersAsync(deployment, target, body, answer, lost);
            }

            if (answer.Outcome == ReplicaOutcome.Answered)
            {
                return answer;
            }

            if (answer.Outcome == ReplicaOutcome.Busy)
            {
                return ReplicaAnswer.Of(Problem.Busy(deployment.Entry.Name));
            }

            reason = lost;
            await Task.Delay(PauseAfter(attempt), time);
            if (find(await RefreshAsync()) is not { } current)
            {
                return null;
            }

            deployment = current;
        }

        return ReplicaAnswer.Of(Problem.Unavailable(deployment.Entry.Name, reason ?? "it is being replaced."));
    }

    private static TimeSpan PauseAfter(int attempt) =>
        attempt == 0 ? TimeSpan.Zero
        : FirstPause * (1 << attempt) is var pause && pause < LongestPause ? pause
        : LongestPause;

    /// <summary>Tries every other replica once. Busy is told where any was: then the deployment is alive.</summary>
    private async Task<(ReplicaAnswer Answer, string? Lost)> TryOthersAsync(
        RoutedDeployment deployment,
        ReplicaTarget tried,
        byte[] body,
        ReplicaAnswer worst,
        string? lost
    )
    {
        foreach (var target in deployment.Targets.Where(target => target != tried).OrderBy(static it => it.Outstanding))
        {
            var (answer, reason) = await TryAsync(target, body);
            lost = reason ?? lost;
            if (answer.Outcome == ReplicaOutcome.Answered)
            {
                return (answer, lost);
            }

            worst = answer.Outcome == ReplicaOutcome.Busy ? answer : worst;
        }

        return (worst, lost);
    }

    private ReplicaTarget Choose(RoutedDeployment deployment)
    {
        var local = deployment.LocalTargets();
        var targets = deployment.Targets;
        return targets.Length == 1
            ? targets[0]
            : ReplicaChoice.Choose(targets, local, deployment.Entry.MaxBatchRows, NextRandom());
    }

    private async Task<(ReplicaAnswer Answer, string? Lost)> TryAsync(ReplicaTarget target, byte[] body)
    {
        target.Begin();
        try
        {
            return target.Local is { } local
                ? (await local.PredictAsync(body), null)
                : (await target.Circuit.RunAsync(() => AskAsync(target.Key, body)), null);
        }
        catch (Exception error) when (GrainCalls.IsTransient(error) || error is AirException or BrokenCircuitException)
        {
            return (ReplicaAnswer.Gone, error.Message);
        }
        finally
        {
            target.End();
        }
    }

    /// <summary>
    /// One try. A slow model is waited for; but a silo that hangs, or was lost with the request, costs it five seconds, not the time
    /// until the call is given up. Predictions may be made twice.
    /// </summary>
    private async Task<ReplicaAnswer> AskAsync(string key, byte[] body)
    {
        var replica = grains.GetGrain<IReplicaGrain>(key);
        var request = Guid.NewGuid();
        var answering = replica.PredictAsync(request, body);
        var isThere = true;
        while (true)
        {
            try
            {
                return await answering.WaitAsync(isThere ? HangCheck : LastWait, time);
            }
            catch (TimeoutException) when (!answering.IsCompleted && isThere)
            {
                // Not there: it was lost, or its answer is on the way.
                isThere = await replica.HasAsync(request);
            }
        }
    }

    private async Task<RouteMap> RefreshAfterAsync(Task? previous)
    {
        // Always leaves the lock of the caller first.
        await Task.Yield();
        if (previous is not null)
        {
            await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        lock (_gate)
        {
            _running = _queued;
            _queued = null;
        }

        Update(await GrainCalls.RetryAsync(() => Controller.GetTableAsync()));
        return _map;
    }

    private RoutedDeployment Routed(RoutingEntry entry, RouteMap known) =>
        known.ByName(entry.Name) is { } same && same.Entry == entry ? same : new RoutedDeployment(entry, directory);

    /// <summary>SplitMix64 (Steele et al. 2014) of a counter: for spreading requests, not for statistics.</summary>
    private ulong NextRandom()
    {
        var z = (ulong)Interlocked.Increment(ref _draws) * 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
