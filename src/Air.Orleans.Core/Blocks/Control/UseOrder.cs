namespace Air.Orleans.Core.Blocks.Control;

/// <summary>The blocks in memory in the order in which they were last used. Not thread-safe.</summary>
internal sealed class UseOrder
{
    private BlockEntry? _oldest;
    private BlockEntry? _newest;

    /// <summary>From the one used longest ago on.</summary>
    public IEnumerable<BlockEntry> FromOldest()
    {
        for (var entry = _oldest; entry is not null; entry = entry.Newer)
        {
            yield return entry;
        }
    }

    /// <summary>Says that the block is used now; one that is new is added.</summary>
    public void Touch(BlockEntry entry)
    {
        if (_newest == entry)
        {
            return;
        }

        Remove(entry);
        entry.Older = _newest;
        if (_newest is not null)
        {
            _newest.Newer = entry;
        }

        _newest = entry;
        _oldest ??= entry;
    }

    /// <summary>Takes it out, where it is in.</summary>
    public void Remove(BlockEntry entry)
    {
        if (entry.Older is not null)
        {
            entry.Older.Newer = entry.Newer;
        }
        else if (_oldest == entry)
        {
            _oldest = entry.Newer;
        }

        if (entry.Newer is not null)
        {
            entry.Newer.Older = entry.Older;
        }
        else if (_newest == entry)
        {
            _newest = entry.Older;
        }

        entry.Older = null;
        entry.Newer = null;
    }
}
