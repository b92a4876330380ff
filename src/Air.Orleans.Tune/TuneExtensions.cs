using System.Text.Json;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Tune.Grains;

namespace Air.Orleans.Tune;

/// <summary>Adds <c>air.FitAsync(tuner)</c>.</summary>
public static class TuneExtensions
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Runs a search in the cluster and gives its results once all trials have ended. A trial that fails is recorded with
    /// its error and ends no other. The search lives in the cluster: it goes on while this client is cut off, and where the
    /// silo that carries it is lost. The same seed gives the same configurations; see <see cref="Asha.Reproducible"/> for
    /// the same decisions as well.
    /// </summary>
    /// <typeparam name="TParameters">The parameters that are searched.</typeparam>
    /// <param name="cluster">Where to run.</param>
    /// <param name="tuner">What to run.</param>
    /// <param name="progress">Is told of every change, changes that come together at once.</param>
    /// <param name="cancellationToken">
    /// Stops the search and its running trials for good; what was reported stays, and fitting a tuner of the same name and
    /// description gives it.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="cluster"/> or <paramref name="tuner"/> is null.</exception>
    /// <exception cref="ArgumentException">The description is faulty: the message lists every fault.</exception>
    /// <exception cref="TuneException">There is another search of that name.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<ResultGrid<TParameters>> FitAsync<TParameters>(
        this IAirCluster cluster,
        Tuner<TParameters> tuner,
        IProgress<TuneProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
        where TParameters : notnull
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(tuner);
        var request = tuner.Prepare(cluster);
        var name = tuner.Name ?? $"tune-{Guid.NewGuid():N}"[..13];
        var run = cluster.Services.GetRequiredService<IGrainFactory>().GetGrain<ITuneRunGrain>(name);
        try
        {
            await GrainCalls.RetryAsync(() => run.StartAsync(request), cancellationToken);
            await WatchAsync(run, progress, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await GrainCalls.RetryAsync(() => run.StopAsync("the client cancelled the search"), CancellationToken.None);
            throw;
        }

        var outcome = await GrainCalls.RetryAsync(run.OutcomeAsync, cancellationToken);
        return ToGrid(cluster, name, tuner, outcome);
    }

    private static async Task WatchAsync(
        ITuneRunGrain run,
        IProgress<TuneProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var version = -1L;
        var trials = new SortedDictionary<int, TrialSnapshot>();
        while (true)
        {
            var seen = version;
            var snapshot = await GrainCalls.RetryAsync(() => run.WatchAsync(seen, Patience), cancellationToken);
            foreach (var trial in snapshot.Changed)
            {
                trials[trial.Index] = trial;
            }

            if (snapshot.Version != version)
            {
                version = snapshot.Version;
                progress?.Report(new TuneProgress([.. trials.Values], snapshot.TrialCount));
            }

            if (snapshot.Status != TuneStatus.Running)
            {
                return;
            }
        }
    }

    private static ResultGrid<TParameters> ToGrid<TParameters>(
        IAirCluster cluster,
        string name,
        Tuner<TParameters> tuner,
        TuneOutcome outcome
    )
        where TParameters : notnull
    {
        var records = JsonSerializer.Deserialize<TrialRecord[]>(outcome.TrialsJson, TuneJson.Options) ?? [];
        var trials = records.Select(record => new TrialResult<TParameters>
        {
            Index = record.Index,
            Name = $"{name}/{record.Index}",
            Parameters = tuner.Space.Apply(tuner.Trainable.Parameters, record.Configuration),
            Configuration = record.Configuration,
            State = record.State,
            History = record.Reports,
            StopReason = record.Decision.Kind == DecisionKind.Stop ? record.Decision.Reason : null,
            Checkpoint = outcome.Checkpoints.TryGetValue(record.Index, out var manifest)
                ? new Checkpoint(cluster, manifest)
                : null,
            Error = record.Error,
        });
        return new ResultGrid<TParameters>(name, tuner.Config, [.. trials], outcome.Best);
    }
}
