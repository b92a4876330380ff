using Air.Orleans.Core.Storage;
using Orleans.Storage;

namespace Air.Orleans.Tune.Tests.Cluster;

/// <summary>The embedded storage, until its silo is killed: a dead process writes nothing any more.</summary>
internal sealed class MortalStorage(FileGrainStorage storage) : IGrainStorage
{
    public bool IsDead { get; set; }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        storage.ReadStateAsync(stateName, grainId, grainState);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        IsDead
            ? Task.FromException(new IOException("The silo was killed."))
            : storage.WriteStateAsync(stateName, grainId, grainState);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        IsDead
            ? Task.FromException(new IOException("The silo was killed."))
            : storage.ClearStateAsync(stateName, grainId, grainState);
}
