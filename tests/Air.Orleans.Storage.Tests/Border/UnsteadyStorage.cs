using Orleans.Storage;

namespace Air.Orleans.Storage.Tests.Border;

/// <summary>A storage that breaks off as told: before or after it has done what was asked.</summary>
internal sealed class UnsteadyStorage(IGrainStorage storage) : IGrainStorage
{
    /// <summary>What the next requests throw, in their order, before doing anything; null for nothing.</summary>
    public Queue<Exception?> Before { get; } = new();

    /// <summary>What the next changes throw, in their order, once they are done; null for nothing.</summary>
    public Queue<Exception?> After { get; } = new();

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Throw(Before);
        await storage.ReadStateAsync(stateName, grainId, grainState);
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Throw(Before);
        await storage.WriteStateAsync(stateName, grainId, grainState);
        Throw(After);
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Throw(Before);
        await storage.ClearStateAsync(stateName, grainId, grainState);
        Throw(After);
    }

    private static void Throw(Queue<Exception?> errors)
    {
        if (errors.TryDequeue(out var error) && error is not null)
        {
            throw error;
        }
    }
}
