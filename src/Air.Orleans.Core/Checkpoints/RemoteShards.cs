using Air.Orleans.Core.Checkpoints.Grains;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Core.Checkpoints;

/// <summary>Shards as a client sees them: over the data plane of the silo where the run's book is. Thread-safe.</summary>
internal sealed class RemoteShards(IGrainFactory grains, DataClient data) : IShardPort
{
    public int ShardBytes => ShardStorage.MostStateBytes;

    public async Task WriteAsync(ShardName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        await data.PutAsync(
            await EndpointAsync(name, cancellationToken),
            $"{ShardSource.SchemeName}:{name.Key}",
            content,
            cancellationToken
        );

    public async Task ReadAsync(ShardName name, Memory<byte> destination, CancellationToken cancellationToken)
    {
        try
        {
            await data.GetAsync(
                await EndpointAsync(name, cancellationToken),
                $"{ShardSource.SchemeName}:{name.Key}",
                async stream =>
                {
                    await stream.ReadExactlyAsync(destination, cancellationToken);
                    return true;
                },
                cancellationToken
            );
        }
        catch (AirException error)
        {
            throw new CheckpointException($"The {name} cannot be read: {error.Message}", error);
        }
    }

    private ValueTask<DataEndpoint> EndpointAsync(ShardName name, CancellationToken cancellationToken) =>
        GrainCalls.RetryAsync(
            () => grains.GetGrain<IRunCheckpointsGrain>(ShardName.RunOf(name.Checkpoint)).EndpointAsync(),
            cancellationToken
        );
}
