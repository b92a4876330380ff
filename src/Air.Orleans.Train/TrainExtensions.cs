using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Runs;
using Air.Orleans.Train.Control;
using Air.Orleans.Train.Grains;

namespace Air.Orleans.Train;

/// <summary>Adds <c>air.FitAsync(trainer)</c>.</summary>
public static class TrainExtensions
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Runs a trainer in the cluster and gives its result. The run lives in the cluster: it goes on while this client is cut off,
    /// and begins again from its latest checkpoint on another silo where the one of its workers is lost.
    /// </summary>
    /// <param name="cluster">Where to run.</param>
    /// <param name="trainer">What to run.</param>
    /// <param name="progress">Is told of every change; why the run waits, when it does.</param>
    /// <param name="cancellationToken">Stops the run; what was committed stays.</param>
    /// <exception cref="TrainingException">The run failed; <see cref="TrainingException.Result"/> has what it had done.</exception>
    /// <exception cref="ArgumentException">The trainer's description is faulty.</exception>
    /// <exception cref="ShippingException">The loop holds what cannot travel.</exception>
    public static async Task<Result> FitAsync<TParameters>(
        this IAirCluster cluster,
        Trainer<TParameters> trainer,
        IProgress<TrainProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(trainer);
        var launch = trainer.Prepare(cluster);
        var name = trainer.Run.Name ?? $"train-{Guid.NewGuid():N}"[..14];
        var run = cluster.Services.GetRequiredService<IGrainFactory>().GetGrain<ITrainRunGrain>(name);
        await GrainCalls.RetryAsync(
            () => run.StartAsync(new RunRequest(launch.Specification, null, null, [])),
            cancellationToken
        );
        TrainSnapshot snapshot;
        try
        {
            snapshot = await WatchAsync(run, progress, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await GrainCalls.PollAsync(() => run.StopAsync("the client cancelled it"), CancellationToken.None);
            throw;
        }

        var result = ToResult(cluster, name, snapshot);
        return snapshot.Status == TrainStatus.Failed
            ? throw new TrainingException(snapshot.Error ?? "The run failed.") { Result = result }
            : result;
    }

    private static async Task<TrainSnapshot> WatchAsync(
        ITrainRunGrain run,
        IProgress<TrainProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var version = -1L;
        while (true)
        {
            var seen = version;
            var snapshot = await GrainCalls.RetryAsync(() => run.WatchAsync(seen, Patience), cancellationToken);
            if (snapshot.Version != version)
            {
                version = snapshot.Version;
                progress?.Report(
                    new TrainProgress(
                        snapshot.Status.ToString(),
                        snapshot.Detail,
                        snapshot.Iteration,
                        snapshot.LastMetrics,
                        snapshot.Silo
                    )
                );
            }

            if (snapshot.Status.HasEnded)
            {
                return snapshot;
            }
        }
    }

    private static Result ToResult(IAirCluster cluster, string name, TrainSnapshot snapshot) =>
        new()
        {
            Run = name,
            History = [.. snapshot.History.Select(static report => report.Metrics)],
            Checkpoint = snapshot.Best is null ? null : new Checkpoint(cluster, snapshot.Best),
            Checkpoints = [.. snapshot.Kept.Select(manifest => new Checkpoint(cluster, manifest))],
            Error = snapshot.Error,
            Attempts = snapshot.Attempts,
        };
}
