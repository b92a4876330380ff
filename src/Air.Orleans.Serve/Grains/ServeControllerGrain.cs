using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources;
using Air.Orleans.Core.Runs.Control;
using Air.Orleans.Core.Runs.Grains;
using Air.Orleans.Serve.Hosting;
using Air.Orleans.Serve.Routing;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace Air.Orleans.Serve.Grains;

/// <inheritdoc cref="IServeControllerGrain"/>
[GrainType("air.serve.controller"), Reentrant, KeepAlive]
internal sealed partial class ServeControllerGrain(
    [PersistentState("air.serve", AirOptions.StorageName)] IPersistentState<ServeState> state,
    IManagementView membership,
    LeaseKeeper keeper,
    ServeShutdown shutdown,
    TimeProvider time,
    ILogger<ServeControllerGrain> logger
) : Grain, IServeControllerGrain
{
    /// <summary>How often lost replicas are looked for.</summary>
    private static readonly TimeSpan CareInterval = TimeSpan.FromSeconds(2);

    /// <summary>How often a replica is asked, 5 seconds each, to end.</summary>
    private const int StopCalls = 6;

    /// <summary>One change at a time: deployments, deletions.</summary>
    private readonly SemaphoreSlim _changing = new(1);
    private ReplicaLeases? _leasesOfLife;
    private readonly SharedWork _work = new(time);
    private readonly Dictionary<SiloAddress, string> _ingresses = [];
    private readonly HashSet<SiloAddress> _leaving = [];
    private ActiveDeployment? _loading;
    private TaskCompletionSource _changed = NewSignal();

    private ServeState State => state.State;

    private ReplicaLeases Leases => _leasesOfLife ??= new ReplicaLeases(keeper, membership, _leaving);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(
            static (self, _) => self.CareAsync(),
            this,
            new GrainTimerCreationOptions(TimeSpan.Zero, CareInterval) { Interleave = true }
        );
        return Task.CompletedTask;
    }

    public Task<DeployedVersion?> DeployAsync(DeploymentRequest request) =>
        _work.WaitAsync($"deploy {request.RequestId}", () => DeployOnceAsync(request));

    public Task<DeletedDeployment?> DeleteAsync(string name, int? version) =>
        _work.WaitAsync($"delete {name} {version}", () => DeleteOnceAsync(name, version));

    public Task<RunReading?> WakeAsync(string name) =>
        Task.FromResult<RunReading?>(
            State.Deployments.TryGetValue(name, out var active) ? Reading(active)
            : _changing.CurrentCount == 0 ? new RunReading(RunState.Pending, "its replicas load", null)
            : new RunReading(RunState.Stopped, "it was deleted", null)
        );

    public async Task<bool> StopListedAsync(string name, string reason) => await DeleteAsync(name, null) is not null;

    public Task ForgetListedAsync(string name, bool checkpoints) => Task.CompletedTask;

    private async Task<DeployedVersion> DeployOnceAsync(DeploymentRequest request)
    {
        await _changing.WaitAsync();
        try
        {
            if (
                State.Deployments.TryGetValue(request.Name, out var known)
                && known.Request.RequestId == request.RequestId
            )
            {
                // The call came again after its answer was lost.
                return new DeployedVersion(request.Entry(known.Version), await TableAsync(), null);
            }

            RequireFreeRoute(request);
            await GrainCalls.RetryAsync(() => RunBook.BeginAsync(RunKind.Deployment, request.Name, this.GetGrainId()));
            return await DeployAsync(request, known);
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task<DeletedDeployment> DeleteOnceAsync(string name, int? version)
    {
        await _changing.WaitAsync();
        try
        {
            if (!State.Deployments.TryGetValue(name, out var active) || (version is { } only && only != active.Version))
            {
                return new DeletedDeployment(false);
            }

            State.Deployments.Remove(name);
            await ChangeTableAsync(Idle(active));
            await NoteAsync(name, new RunReading(RunState.Stopped, "it was deleted", null));
            await RetireAsync();
            return new DeletedDeployment(true);
        }
        finally
        {
            _changing.Release();
        }
    }

    public Task<RoutingTable> GetTableAsync() => TableAsync();

    public async Task<RoutingTable> WatchAsync(long seenVersion, TimeSpan patience, SiloAddress silo, string? ingress)
    {
        if (ingress is not null && !_leaving.Contains(silo))
        {
            _ingresses[silo] = ingress;
        }

        if (State.TableVersion == seenVersion)
        {
            await Task.WhenAny(_changed.Task, Task.Delay(patience, time, shutdown.Token));
        }

        return await TableAsync();
    }

    public Task<DeploymentRequest?> GetReplicaAsync(string name, int version) =>
        Task.FromResult(
            _loading is { } loading && loading.Request.Name == name && loading.Version == version ? loading.Request
            : State.Deployments.TryGetValue(name, out var active) && active.Version == version ? active.Request
            : null
        );

    public Task<DeploymentStatus[]> StatusAsync() =>
        Task.WhenAll(State.Deployments.Values.OrderBy(static it => it.Request.Name).Select(StatusAsync));

    private async Task<DeployedVersion> DeployAsync(DeploymentRequest request, ActiveDeployment? before)
    {
        var loading = new ActiveDeployment(State.LastVersion + 1, request);
        State.LastVersion = loading.Version;
        State.Idle.Add(Idle(loading));
        await state.WriteStateAsync();
        _loading = loading;
        string? ingress;
        try
        {
            ingress = await LoadAsync(loading);
        }
        catch (Exception error)
        {
            _loading = null;
            await NoteAsync(
                request.Name,
                before is null ? new RunReading(RunState.Failed, "", error.Message) : Reading(before)
            );
            await RetireAsync();
            throw;
        }

        State.Deployments[request.Name] = loading;
        State.Idle.Remove(Idle(loading));
        await ChangeTableAsync(before is null ? null : Idle(before));
        _loading = null;
        await NoteAsync(request.Name, Reading(loading));
        await RetireAsync();
        LogDeployed(request.Name, loading.Version, request.Replicas);
        return new DeployedVersion(request.Entry(loading.Version), await TableAsync(), ingress);
    }

    /// <summary>Loads all replicas, spread over the silos; gives an address of one of these.</summary>
    private async Task<string?> LoadAsync(ActiveDeployment deployment)
    {
        var replicas = Enumerable.Range(0, deployment.Request.Replicas);
        var ingresses = await Task.WhenAll(replicas.Select(index => LoadReplicaAsync(deployment, index)));
        return ingresses.FirstOrDefault(static ingress => ingress is not null);
    }

    private async Task<string?> LoadReplicaAsync(ActiveDeployment deployment, int index)
    {
        var place = await Leases.PlaceAsync(deployment, index);
        using var _ = place();
        var replica = Replica(deployment.Request.Name, deployment.Version, index);
        return (await GrainCalls.PollAsync(() => replica.LoadAsync())).Ingress;
    }

    /// <summary>Writes the state with a new table, then wakes those who watch it.</summary>
    private async Task ChangeTableAsync(IdleVersion? idle)
    {
        if (idle is not null)
        {
            State.Idle.Add(idle);
        }

        State.TableVersion++;
        await state.WriteStateAsync();
        var changed = _changed;
        _changed = NewSignal();
        changed.SetResult();
    }

    /// <summary>Ends the replicas that have no traffic.</summary>
    private async Task RetireAsync()
    {
        foreach (var idle in State.Idle.ToArray())
        {
            try
            {
                await Task.WhenAll(
                    Enumerable
                        .Range(0, idle.Replicas)
                        .Select(index => StopAsync(Replica(idle.Name, idle.Version, index)))
                );
            }
            catch (Exception error)
            {
                // The version has no traffic: that it did not end well concerns the log alone.
                LogLost(idle.Name, idle.Version, error);
            }

            await Leases.ReleaseAsync(idle.Name, idle.Version);
            State.Idle.Remove(idle);
        }

        await state.WriteStateAsync();
    }

    private static async Task StopAsync(IReplicaGrain replica)
    {
        for (var call = 0; call < StopCalls; call++)
        {
            if (await GrainCalls.RetryAsync(() => replica.StopAsync()))
            {
                return;
            }
        }
    }

    /// <summary>Tells the book of runs; where it does not hear, it asks.</summary>
    private async Task NoteAsync(string name, RunReading reading)
    {
        try
        {
            await RunBook.NoteAsync(RunKind.Deployment, name, reading);
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            LogNotNoted(name, error);
        }
    }

    private static RunReading Reading(ActiveDeployment active) =>
        new(RunState.Running, $"version {active.Version}, {active.Request.Replicas} replicas", null);

    private IRunBookGrain RunBook => GrainFactory.GetGrain<IRunBookGrain>(0);

    /// <summary>Loads again what was lost with its silo, and ends what a controller before this one left behind.</summary>
    private async Task CareAsync()
    {
        if (shutdown.Token.IsCancellationRequested || !await _changing.WaitAsync(TimeSpan.Zero))
        {
            return;
        }

        try
        {
            if (State.Idle.Count > 0)
            {
                await RetireAsync();
            }
        }
        finally
        {
            _changing.Release();
        }

        await Task.WhenAll(
            State.Deployments.Values.SelectMany(it =>
                Enumerable.Range(0, it.Request.Replicas).Select(index => CareAsync(it, index))
            )
        );
    }

    private async Task CareAsync(ActiveDeployment deployment, int index)
    {
        try
        {
            await LoadReplicaAsync(deployment, index);
        }
        catch (Exception error) when (GrainCalls.IsTransient(error) || error is AirException)
        {
            LogStillLost(Replica(deployment.Request.Name, deployment.Version, index).GetPrimaryKeyString(), error);
        }
    }

    private async Task<DeploymentStatus> StatusAsync(ActiveDeployment active)
    {
        var replicas = await Task.WhenAll(ReplicasOf(active).Select(StatusAsync));
        var request = active.Request;
        return new DeploymentStatus(request.Name, active.Version, request.Route, request.Checkpoint.Id, replicas);
    }

    private static async Task<ReplicaStatus> StatusAsync(IReplicaGrain replica)
    {
        try
        {
            return await replica.StatusAsync();
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            return new ReplicaStatus(ReplicaGrain.IndexOf(replica.GetPrimaryKeyString()), "", false, 0);
        }
    }

    private void RequireFreeRoute(DeploymentRequest request)
    {
        var holder = State.Deployments.Values.FirstOrDefault(other =>
            other.Request.Route == request.Route && other.Request.Name != request.Name
        );
        if (holder is not null)
        {
            throw new DeploymentException(
                $"Route '{request.Route}' of deployment '{request.Name}' is that of '{holder.Request.Name}' already. "
                    + "Set another PredictorDeployment.Route, or delete that deployment."
            );
        }
    }

    private async Task<RoutingTable> TableAsync()
    {
        var active = await membership.ActiveSilosAsync();
        return new RoutingTable(
            State.TableVersion,
            [.. State.Deployments.Values.Select(static it => it.Request.Entry(it.Version))],
            [.. _ingresses.Where(pair => active.Contains(pair.Key)).Select(static pair => pair.Value).Order()]
        );
    }

    private static IdleVersion Idle(ActiveDeployment deployment) =>
        new(deployment.Request.Name, deployment.Version, deployment.Request.Replicas);

    private IEnumerable<IReplicaGrain> ReplicasOf(ActiveDeployment active) =>
        Enumerable.Range(0, active.Request.Replicas).Select(i => Replica(active.Request.Name, active.Version, i));

    private IReplicaGrain Replica(string name, int version, int index) =>
        GrainFactory.GetGrain<IReplicaGrain>($"{name}/{version}/{index}");

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(
        6010,
        LogLevel.Information,
        "Deployment '{Deployment}' version {Version} serves with {Replicas} replicas."
    )]
    private partial void LogDeployed(string deployment, int version, int replicas);

    [LoggerMessage(
        6011,
        LogLevel.Debug,
        "Replicas of '{Deployment}' version {Version} were lost before they could be ended."
    )]
    private partial void LogLost(string deployment, int version, Exception error);

    [LoggerMessage(6013, LogLevel.Debug, "The book of runs did not hear of deployment '{Deployment}'; it will ask.")]
    private partial void LogNotNoted(string deployment, Exception error);

    [LoggerMessage(6012, LogLevel.Warning, "Replica '{Replica}' is lost and cannot be loaded again yet.")]
    private partial void LogStillLost(string replica, Exception error);
}
