using Air.Orleans.Core.Storage;
using Orleans.Storage;

namespace Air.Orleans.Core.Tests.Checkpoints;

/// <summary>A grain storage that takes no bytes, only states, and that can be told to refuse.</summary>
internal sealed class StateOnlyStorage(FileGrainStorage inner) : IGrainStorage
{
    /// <summary>Whether a write of a state of that name and key is refused as by a full disk.</summary>
    public Func<string, string, bool> Refuses { get; set; } = static (_, _) => false;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        inner.ReadStateAsync(stateName, grainId, grainState);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Refuses(stateName, grainId.Key.ToString()!)
            ? Task.FromException(new IOException("No space left on device."))
            : inner.WriteStateAsync(stateName, grainId, grainState);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        inner.ClearStateAsync(stateName, grainId, grainState);
}
