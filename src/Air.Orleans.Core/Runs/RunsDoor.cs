using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Runs.Control;
using Air.Orleans.Core.Runs.Grains;

namespace Air.Orleans.Core;

/// <summary>
/// All train runs, tune runs and deployments of the cluster: <c>air.Runs</c>. Runs are found by name; where runs of several kinds have
/// one, the kind must be given. Of those that ended the latest 1,000 are known. Thread-safe.
/// </summary>
public sealed class RunsDoor
{
    private readonly IGrainFactory _grains;

    internal RunsDoor(IAirCluster cluster) => _grains = cluster.Services.GetRequiredService<IGrainFactory>();

    private IRunBookGrain Book => _grains.GetGrain<IRunBookGrain>(0);

    /// <summary>All runs, those that changed last first. A run's state is at most a few seconds old.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<IReadOnlyList<RunInfo>> ListAsync(CancellationToken cancellationToken = default) =>
        [.. (await EntriesAsync(cancellationToken)).Select(static run => run.Info)];

    /// <summary>One run, as it stands now: one that goes on is asked itself.</summary>
    /// <param name="name">The run's name.</param>
    /// <param name="kind">Its kind, where runs of several kinds have that name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="AirException">There is no such run, or there are several.</exception>
    public async Task<RunInfo> GetAsync(
        string name,
        RunKind? kind = null,
        CancellationToken cancellationToken = default
    ) => (await FindAsync(name, kind, cancellationToken)).Info;

    /// <summary>
    /// Lets a run go on that was interrupted by the loss of every silo: from its latest checkpoint. Nothing happens where it goes on
    /// already.
    /// </summary>
    /// <param name="name">The run's name.</param>
    /// <param name="kind">Its kind, where runs of several kinds have that name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="AirException">There is no such run, there are several, or it has ended.</exception>
    public async Task ResumeAsync(string name, RunKind? kind = null, CancellationToken cancellationToken = default)
    {
        var run = (await FindAsync(name, kind, cancellationToken)).Info;
        if (run.State.HasEnded)
        {
            throw new AirException(
                $"{run.Kind} '{name}' has ended ({run.State}), so it cannot be resumed. Start it under another name, or "
                    + "delete it first."
            );
        }

        await GrainCalls.RetryAsync(() => Book.ResumeAsync(run.Kind, name), cancellationToken);
    }

    /// <summary>Stops a run and waits until it has ended; a deployment is deleted. What was committed stays.</summary>
    /// <param name="name">The run's name.</param>
    /// <param name="kind">Its kind, where runs of several kinds have that name.</param>
    /// <param name="cancellationToken">Ends the waiting; the run stops all the same.</param>
    /// <returns>The run as it ended, which may be otherwise than by this.</returns>
    /// <exception cref="AirException">There is no such run, or there are several.</exception>
    public async Task<RunInfo> StopAsync(
        string name,
        RunKind? kind = null,
        CancellationToken cancellationToken = default
    )
    {
        var run = await FindAsync(name, kind, cancellationToken);
        if (run.Info.State.HasEnded)
        {
            return run.Info;
        }

        await GrainCalls.RetryAsync(() => Book.ResumeAsync(run.Info.Kind, name), cancellationToken);
        var grain = _grains.GetGrain<IListedRunGrain>(run.Grain);
        while (!await GrainCalls.RetryAsync(() => grain.StopListedAsync(name, "it was stopped"), cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return await WaitAsync(name, run.Info.Kind, cancellationToken);
    }

    /// <summary>Waits until a run has ended or is interrupted; a deployment ends when it is deleted.</summary>
    /// <param name="name">The run's name.</param>
    /// <param name="kind">Its kind, where runs of several kinds have that name.</param>
    /// <param name="cancellationToken">Ends the waiting; the run goes on.</param>
    /// <exception cref="AirException">There is no such run, there are several, or it was deleted meanwhile.</exception>
    public async Task<RunInfo> WaitAsync(
        string name,
        RunKind? kind = null,
        CancellationToken cancellationToken = default
    )
    {
        var run = (await FindAsync(name, kind, cancellationToken)).Info;
        while (true)
        {
            var info =
                await GrainCalls.RetryAsync(() => Book.WatchAsync(run.Kind, name), cancellationToken)
                ?? throw new AirException($"{run.Kind} '{name}' was deleted while it was waited for.");
            if (info.State is not (RunState.Pending or RunState.Running))
            {
                return info;
            }
        }
    }

    /// <summary>Forgets a run that has ended or is interrupted, so that its name can be used again.</summary>
    /// <param name="name">The run's name.</param>
    /// <param name="kind">Its kind, where runs of several kinds have that name.</param>
    /// <param name="checkpoints">Whether its checkpoints are deleted as well; by default they stay.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="AirException">There is no such run, there are several, or it has not ended.</exception>
    public async Task DeleteAsync(
        string name,
        RunKind? kind = null,
        bool checkpoints = false,
        CancellationToken cancellationToken = default
    )
    {
        var run = await FindAsync(name, kind, cancellationToken);
        if (run.Info.State is RunState.Pending or RunState.Running)
        {
            throw new AirException(
                $"{run.Info.Kind} '{name}' is {run.Info.State}, so it cannot be deleted. Stop it first."
            );
        }

        if (run.Info.State == RunState.Interrupted)
        {
            await StopAsync(name, run.Info.Kind, cancellationToken);
        }

        var grain = _grains.GetGrain<IListedRunGrain>(run.Grain);
        await GrainCalls.RetryAsync(() => grain.ForgetListedAsync(name, checkpoints), cancellationToken);
        await GrainCalls.RetryAsync(() => Book.RemoveAsync(run.Info.Kind, name), cancellationToken);
    }

    /// <summary>What the book was told may be older than what the caller has seen of the run.</summary>
    private async Task<RunEntry> RefreshAsync(RunEntry run, CancellationToken cancellationToken) =>
        await GrainCalls.RetryAsync(() => Book.RefreshAsync(run.Info.Kind, run.Info.Name), cancellationToken)
        ?? throw new AirException($"{run.Info.Kind} '{run.Info.Name}' was deleted while it was looked up.");

    private ValueTask<RunEntry[]> EntriesAsync(CancellationToken cancellationToken) =>
        GrainCalls.RetryAsync(() => Book.ListAsync(), cancellationToken);

    private async Task<RunEntry> FindAsync(string name, RunKind? kind, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var all = await EntriesAsync(cancellationToken);
        var found = all.Where(run => run.Info.Name == name && (kind is null || run.Info.Kind == kind)).ToList();
        return found switch
        {
            [{ Info.State: RunState.Pending or RunState.Running } carried] => await RefreshAsync(
                carried,
                cancellationToken
            ),
            [var only] => only,
            [] => throw new AirException(
                $"There is no run '{name}' in this cluster.{NameSuggestion.For(name, all.Select(static run => run.Info.Name))}"
            ),
            _ => throw new AirException(
                $"'{name}' is the name of several runs ({string.Join(", ", found.Select(static run => run.Info.Kind))}). "
                    + "Say of which kind."
            ),
        };
    }
}

/// <summary>Adds <c>air.Runs</c>.</summary>
public static class RunsExtensions
{
    extension(IAirCluster air)
    {
        /// <summary>All runs of the cluster.</summary>
        public RunsDoor Runs => new(air);
    }
}
