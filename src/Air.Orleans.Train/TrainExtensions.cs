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
        var name = await cluster.SubmitAsync(trainer, cancellationToken);
        var run = cluster.Services.GetRequiredService<IGrainFactory>().GetGrain<ITrainRunGrain>(name);
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

    /// <summary>
    /// Begins the run of a trainer and returns: nobody need wait for it. Watch it by its name with <c>air.Runs</c>, and have its checkpoints
    /// from <c>air.Checkpoints</c>.
    /// </summary>
    /// <param name="cluster">Where to run.</param>
    /// <param name="trainer">What to run.</param>
    /// <param name="cancellationToken">Ends the waiting for the cluster's answer; the run may have begun all the same.</param>
    /// <returns>The run's name: that of <see cref="RunConfig.Name"/>, or one that was made.</returns>
    /// <exception cref="TrainingException">Another trainer has run under that name.</exception>
    /// <exception cref="ArgumentException">The trainer's description is faulty.</exception>
    /// <exception cref="ShippingException">The loop holds what cannot travel.</exception>
    public static async Task<string> SubmitAsync<TParameters>(
        this IAirCluster cluster,
        Trainer<TParameters> trainer,
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
        return name;
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
