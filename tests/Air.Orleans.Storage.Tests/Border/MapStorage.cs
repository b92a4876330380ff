using Air.Orleans.Core.Storage;
using Orleans.Storage;

namespace Air.Orleans.Storage.Tests.Border;

/// <summary>Payloads in memory, with ETags.</summary>
internal sealed class MapStorage : IGrainStorage
{
    private readonly Dictionary<(string, GrainId), (ReadOnlyMemory<byte> Bytes, string ETag)> _states = [];

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        grainState.RecordExists = _states.TryGetValue((stateName, grainId), out var stored);
        grainState.State = (T)(object)new Payload { Bytes = stored.Bytes };
        grainState.ETag = stored.ETag;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Check(stateName, grainId, grainState.ETag);
        grainState.ETag = Guid.NewGuid().ToString();
        _states[(stateName, grainId)] = (((Payload)(object)grainState.State!).Bytes, grainState.ETag);
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Check(stateName, grainId, grainState.ETag);
        _states.Remove((stateName, grainId));
        grainState.ETag = null;
        return Task.CompletedTask;
    }

    private void Check(string stateName, GrainId grainId, string? held)
    {
        if ((_states.TryGetValue((stateName, grainId), out var stored) ? stored.ETag : null) != held)
        {
            throw new InconsistentStateException(
                "Another was faster.",
                "",
                "",
                new NotSupportedException("of a library")
            );
        }
    }
}
