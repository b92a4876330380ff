using Air.Orleans.Core.DataPlane;

namespace Air.Orleans.Core.Checkpoints.Grains;

/// <inheritdoc cref="ICheckpointGrain"/>
[GrainType("air.core.checkpoint")]
internal sealed class CheckpointGrain(
    [PersistentState("air.checkpoint", AirOptions.StorageName)] IPersistentState<CheckpointState> state,
    CheckpointStore store,
    DataServer dataServer
) : Grain, ICheckpointGrain
{
    public async Task CommitAsync(CheckpointManifest manifest)
    {
        state.State.Manifest = manifest;
        await state.WriteStateAsync();
    }

    public Task<CheckpointManifest?> GetAsync() => Task.FromResult(state.State.Manifest);

    public async Task DeleteAsync()
    {
        if (state.State.Manifest is { } manifest)
        {
            await state.ClearStateAsync();
            await store.DeleteAsync(manifest);
        }

        DeactivateOnIdle();
    }

    public Task<DataEndpoint> EndpointAsync() => Task.FromResult(dataServer.Endpoint);
}

/// <summary>What a checkpoint grain keeps.</summary>
[GenerateSerializer, Alias("air.core.CheckpointState")]
internal sealed class CheckpointState
{
    [Id(0)]
    public CheckpointManifest? Manifest { get; set; }
}
