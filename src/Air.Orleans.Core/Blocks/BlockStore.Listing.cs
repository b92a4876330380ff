namespace Air.Orleans.Core.Blocks;

/// <summary>What there is, for those who list it.</summary>
internal sealed partial class BlockStore
{
    /// <summary>The ids of all blocks that are here now, in memory and on disk.</summary>
    public IReadOnlyList<Guid> Ids()
    {
        lock (_gate)
        {
            return [.. _entries.Keys];
        }
    }
}
