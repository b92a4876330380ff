using Air.Orleans.Core.Checkpoints;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Shipping;
using Air.Orleans.Core.Silos;
using Air.Orleans.Serve.Http;
using Air.Orleans.Serve.Replicas;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime.Placement;

namespace Air.Orleans.Serve.Grains;

/// <inheritdoc cref="IReplicaGrain"/>
[GrainType("air.serve.replica"), Reentrant, KeepAlive, GpuPlacement]
internal sealed partial class ReplicaGrain(
    CheckpointStore store,
    ObjectShipper shipper,
    ReplicaDirectory directory,
    HttpIngress ingress,
    IGrainLease lease,
    SiloDrain drain,
    ILocalSiloDetails silo,
    TimeProvider time,
    ILogger<ReplicaGrain> logger
) : Grain, IReplicaGrain
{
    /// <summary>How long requests may take to be answered when the replica ends.</summary>
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan ShutdownPatience = TimeSpan.FromSeconds(1);

    /// <summary>How long a call waits for loading or ending before it is to come again.</summary>
    private static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(5);

    private readonly HashSet<Guid> _requests = [];
    private Task<ReplicaHost?>? _loading;
    private Task? _ending;
    private bool _stopped;

    /// <summary>Whether a request woke it before the controller did, so that it stands anywhere and without its lease.</summary>
    private bool _isMisplaced;
    private CheckpointHold? _hold;

    private string Key => this.GetPrimaryKeyString();

    public async Task<LoadedReplica?> LoadAsync()
    {
        var ensuring = EnsureAsync();
        await Task.WhenAny(ensuring, Task.Delay(CallPatience, time));
        if (!ensuring.IsCompleted)
        {
            return null;
        }

        if (await ensuring is not null)
        {
            return new LoadedReplica(await ingress.AddressOrNullAsync());
        }

        return _isMisplaced
            ? null
            : throw new DeploymentException($"Replica '{Key}' is not wanted any more: another version took its place.");
    }

    public async Task<ReplicaAnswer> PredictAsync(Guid request, byte[] body)
    {
        _requests.Add(request);
        try
        {
            return await EnsureAsync() is { } host ? await host.PredictAsync(body) : ReplicaAnswer.Gone;
        }
        finally
        {
            _requests.Remove(request);
        }
    }

    public Task<bool> HasAsync(Guid request) => Task.FromResult(_requests.Contains(request));

    public async Task<bool> StopAsync()
    {
        _stopped = true;
        var ending = _ending ??= EndAsync(DrainPatience);
        await Task.WhenAny(ending, Task.Delay(CallPatience, time));
        if (!ending.IsCompleted)
        {
            return false;
        }

        await ending;
        DeactivateOnIdle();
        return true;
    }

    public Task<ReplicaStatus> StatusAsync() =>
        Task.FromResult(
            new ReplicaStatus(
                IndexOf(Key),
                silo.SiloAddress.ToString(),
                _loading is { IsCompletedSuccessfully: true, Result: not null },
                directory.Find(Key)?.Ongoing ?? 0
            )
        );

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _stopped = true;
        return EndAsync(ShutdownPatience);
    }

    public static int IndexOf(string key) => int.Parse(key.AsSpan(key.LastIndexOf('/') + 1));

    /// <summary>The loaded model; null where the replica is not wanted any more, or not here: it ends, and the controller places it.</summary>
    private async Task<ReplicaHost?> EnsureAsync()
    {
        if (_stopped)
        {
            return null;
        }

        var loading = _loading ??= LoadHostAsync();
        try
        {
            var host = await loading;
            if (host is null)
            {
                _stopped = true;
                DeactivateOnIdle();
            }

            return _stopped ? null : host;
        }
        catch
        {
            // The next call tries again.
            _loading = _loading == loading ? null : _loading;
            throw;
        }
    }

    private async Task<ReplicaHost?> LoadHostAsync()
    {
        var parts = Key.Split('/');
        var controller = GrainFactory.GetGrain<IServeControllerGrain>(0);
        var wanted = await GrainCalls.RetryAsync(() => controller.GetReplicaAsync(parts[0], int.Parse(parts[1])));
        _isMisplaced = drain.HasBegun || (wanted?.Lease(int.Parse(parts[1])) is not null && !lease.IsLeased);
        if (wanted is null || _isMisplaced)
        {
            return null;
        }

        // The controller's hint is for the replica alone, not for what that calls.
        RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        try
        {
            await HoldAsync(wanted);
            var content = await store.ReadAsync(wanted.Checkpoint);
            var host = new ReplicaHost(
                Key,
                wanted.MaxBatchRows,
                wanted.MaxOngoingRequests,
                () => Load(wanted, content)
            );
            await host.Loaded;
            if (!_stopped)
            {
                directory.Add(host);
            }

            LogLoaded(Key);
            return host;
        }
        catch (Exception error)
        {
            LogNotLoaded(Key, error);
            throw new DeploymentException(
                $"Replica {parts[2]} of '{wanted.Name}' cannot load checkpoint '{wanted.Checkpoint.Id}' on silo "
                    + $"{silo.SiloAddress}: {(error is AirException ? "" : error.GetType().Name + ": ")}{error.Message}"
            );
        }
    }

    private ServedModel Load(DeploymentRequest wanted, CheckpointContent content)
    {
        var shipped = shipper.Open<IPredictor>(wanted.Predictor);
        var model = ServedModel.Load(shipped.Value, content, wanted.FeatureColumns);
        shipped.HeldBy(model);
        return model;
    }

    /// <summary>Keeps the checkpoint for as long as it is served here: another replica may have to load it at any moment.</summary>
    private async Task HoldAsync(DeploymentRequest wanted)
    {
        if (_hold is not null)
        {
            return;
        }

        var id = wanted.Checkpoint.Id;
        var book = store.BookOf(ShardName.RunOf(id));
        _hold = await CheckpointHold.TakeAsync(book, id, $"replica {Key}", time, CancellationToken.None);
        this.RegisterGrainTimer(
            async (hold, token) => await hold.RenewAsync(token),
            _hold,
            new GrainTimerCreationOptions(CheckpointHold.Duration / 3, CheckpointHold.Duration / 3)
            {
                Interleave = true,
            }
        );
    }

    private async Task EndAsync(TimeSpan patience)
    {
        if (_loading is not { } loading)
        {
            return;
        }

        await ((Task)loading).ConfigureAwait(
            ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing
        );
        if (loading is { IsCompletedSuccessfully: true, Result: { } host })
        {
            directory.Remove(host);
            await host.StopAsync(patience, time);
        }

        if (_hold is { } hold)
        {
            _hold = null;
            await hold.DisposeAsync();
        }
    }

    [LoggerMessage(6001, LogLevel.Debug, "Replica '{Replica}' is loaded.")]
    private partial void LogLoaded(string replica);

    [LoggerMessage(6002, LogLevel.Warning, "Replica '{Replica}' cannot be loaded.")]
    private partial void LogNotLoaded(string replica, Exception error);
}
