using Air.Orleans.Core.Blocks;

namespace Air.Orleans.Flight;

/// <summary>The blocks of this silo by their ids as text. Thread-safe.</summary>
internal sealed class StoredBlocks(BlockStore store)
{
    /// <summary>The ids of all blocks that are here now.</summary>
    public IReadOnlyList<string> Ids() => [.. store.Ids().Select(static id => id.ToString("N"))];

    /// <summary>A lease of the block; null where it is not here, or its id is none.</summary>
    public async ValueTask<BlockLease?> FindAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return Guid.TryParse(id, out var guid) ? await store.OpenAsync(guid, cancellationToken) : null;
        }
        catch (BlockLostException)
        {
            return null;
        }
    }
}
