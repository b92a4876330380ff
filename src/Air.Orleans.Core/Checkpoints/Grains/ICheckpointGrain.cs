using Air.Orleans.Core.DataPlane;

namespace Air.Orleans.Core.Checkpoints.Grains;

/// <summary>One committed checkpoint; the key is its id. Its state is the manifest; the files are shards beside it.</summary>
[Alias("air.core.ICheckpointGrain")]
internal interface ICheckpointGrain : IGrainWithStringKey
{
    /// <summary>Commits the checkpoint. May be called again with the same files.</summary>
    [Alias("Commit")]
    Task CommitAsync(CheckpointManifest manifest);

    /// <summary>The manifest, or null where nothing was committed or it was deleted.</summary>
    [Alias("Get")]
    Task<CheckpointManifest?> GetAsync();

    /// <summary>Deletes the manifest, then the files.</summary>
    [Alias("Delete")]
    Task DeleteAsync();

    /// <summary>Where the files can be fetched from, or sent to before a commit.</summary>
    [Alias("Endpoint")]
    Task<DataEndpoint> EndpointAsync();
}
