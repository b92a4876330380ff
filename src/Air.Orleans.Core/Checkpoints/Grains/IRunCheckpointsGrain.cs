using Air.Orleans.Core.Checkpoints.Control;
using Air.Orleans.Core.DataPlane;

namespace Air.Orleans.Core.Checkpoints.Grains;

/// <summary>The checkpoints of one run; the key is its name. Its state is the book of them; the bytes are shards beside it.</summary>
[Alias("air.core.IRunCheckpointsGrain")]
internal interface IRunCheckpointsGrain : IGrainWithStringKey
{
    /// <summary>Begins an epoch, from which on writers of lower ones are refused. May be called again.</summary>
    [Alias("BeginEpoch")]
    Task BeginEpochAsync(int epoch, CheckpointRules rules);

    /// <summary>The present epoch.</summary>
    [Alias("Epoch")]
    Task<int> EpochAsync();

    /// <summary>Announces what is going to be written. May be called again.</summary>
    [Alias("Reserve")]
    Task ReserveAsync(CheckpointDraft draft);

    /// <summary>Commits what was announced and written. May be called again.</summary>
    [Alias("Commit")]
    Task CommitAsync(CheckpointManifest manifest);

    /// <summary>Gives up what was announced; true where it is committed nevertheless.</summary>
    [Alias("Abandon")]
    Task<bool> AbandonAsync(string id);

    /// <summary>All that are committed, oldest first.</summary>
    [Alias("List")]
    Task<CheckpointManifest[]> ListAsync();

    /// <summary>The checkpoint of that id; null where there is none.</summary>
    [Alias("Get")]
    Task<CheckpointManifest?> GetAsync(string id);

    /// <summary>Deletes a checkpoint: out of the book first, then its shards. False where there is none.</summary>
    [Alias("Delete")]
    Task<bool> DeleteAsync(string id);

    /// <summary>Keeps a checkpoint from being deleted for so long, unless said again.</summary>
    [Alias("Pin")]
    Task PinAsync(string id, string holder, TimeSpan duration);

    /// <summary>Ends a pin. May be called again.</summary>
    [Alias("Unpin")]
    Task UnpinAsync(string id, string holder);

    /// <summary>Where shards can be fetched from, or sent to before a commit.</summary>
    [Alias("Endpoint")]
    Task<DataEndpoint> EndpointAsync();
}
