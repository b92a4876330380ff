using Air.Orleans.Core.Checkpoints.Grains;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Core.Checkpoints;

/// <summary>Reads and imports checkpoints from outside the silos: bytes go over the data plane.</summary>
internal sealed class CheckpointClient(IAirCluster cluster)
{
    private readonly IGrainFactory _grains = cluster.Services.GetRequiredService<IGrainFactory>();

    public async Task<CheckpointManifest> GetAsync(string id, CancellationToken cancellationToken) =>
        await GrainCalls.RetryAsync(() => _grains.GetGrain<ICheckpointGrain>(id).GetAsync(), cancellationToken)
        ?? throw new CheckpointException(
            $"There is no checkpoint '{id}' in this cluster: it was deleted or never committed."
        );

    public async Task<CheckpointContent> ReadAsync(CheckpointManifest manifest, CancellationToken cancellationToken)
    {
        var current = await GetAsync(manifest.Id, cancellationToken);
        var endpoint = await EndpointAsync(manifest.Id, cancellationToken);
        var content = new CheckpointContent();
        foreach (var file in current.Files)
        {
            var bytes = await DataClient.GetAsync(
                endpoint,
                Key(current.Id, file.Name),
                async stream =>
                {
                    var buffer = new byte[file.Bytes];
                    await stream.ReadExactlyAsync(buffer, cancellationToken);
                    return buffer;
                },
                cancellationToken
            );
            CheckpointFiles.Check(current.Id, file, bytes);
            content.With(file.Name, bytes);
        }

        return content;
    }

    public async Task<CheckpointManifest> ImportAsync(
        CheckpointManifest manifest,
        CheckpointContent content,
        CancellationToken cancellationToken
    )
    {
        var imported = manifest with { Id = $"import/{Guid.NewGuid():N}" };
        var endpoint = await EndpointAsync(imported.Id, cancellationToken);
        foreach (var name in content.Names)
        {
            await DataClient.PutAsync(endpoint, Key(imported.Id, name), content.Read(name), cancellationToken);
        }

        await GrainCalls.RetryAsync(
            () => _grains.GetGrain<ICheckpointGrain>(imported.Id).CommitAsync(imported),
            cancellationToken
        );
        return imported;
    }

    private ValueTask<DataEndpoint> EndpointAsync(string id, CancellationToken cancellationToken) =>
        GrainCalls.RetryAsync(() => _grains.GetGrain<ICheckpointGrain>(id).EndpointAsync(), cancellationToken);

    private static string Key(string checkpoint, string name) => $"checkpoint:{checkpoint}|{name}";
}
