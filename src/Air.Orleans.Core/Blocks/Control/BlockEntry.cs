using Air.Orleans.Core.Blocks.Arena;

namespace Air.Orleans.Core.Blocks.Control;

/// <summary>Where a block of a store stands.</summary>
internal enum EntryState : byte
{
    /// <summary>It is being written; nobody sees it.</summary>
    Writing,

    /// <summary>It is in memory; perhaps on disk too.</summary>
    InMemory,

    /// <summary>It is on disk alone.</summary>
    OnDisk,

    /// <summary>It was freed, or lost; its memory goes with the last lease.</summary>
    Gone,
}

/// <summary>One block that a store knows. Small, as there may be millions; changed under the store's lock alone.</summary>
internal sealed class BlockEntry
{
    public Guid Id { get; init; }

    /// <summary>The number of this entry, which no other of the store has, also none of the same id.</summary>
    public long Serial { get; init; }

    /// <summary>Where it is in memory, when it is.</summary>
    public BlockPlace Place { get; set; }

    public UInt128 Hash { get; set; }

    public int Rows { get; init; }

    /// <summary>How many leases of this process it has, and whatever else keeps it in memory.</summary>
    public int Pins { get; set; }

    public EntryState State { get; set; }

    /// <summary>Whether its file of spilled content is whole.</summary>
    public bool IsOnDisk { get; set; }

    /// <summary>Whether it can be had again from elsewhere, so that it is let go instead of spilled.</summary>
    public bool IsCopy { get; set; }

    /// <summary>Who holds it: null, the number of one holder, or a set of them.</summary>
    public object? Holders { get; set; }

    /// <summary>The restoring that is under way.</summary>
    public Task? Restoring { get; set; }

    /// <summary>The next in the order of use.</summary>
    public BlockEntry? Newer { get; set; }

    /// <summary>The one before in the order of use.</summary>
    public BlockEntry? Older { get; set; }

    /// <summary>The numbers of all who hold it.</summary>
    public IReadOnlyCollection<int> HolderNumbers =>
        Holders switch
        {
            int one => [one],
            HashSet<int> many => many,
            _ => [],
        };

    public bool HasHolder(int holder) =>
        Holders switch
        {
            int one => one == holder,
            HashSet<int> many => many.Contains(holder),
            _ => false,
        };

    public void AddHolder(int holder, object boxed)
    {
        switch (Holders)
        {
            case null:
                Holders = boxed;
                break;
            case int one when one != holder:
                Holders = new HashSet<int> { one, holder };
                break;
            case HashSet<int> many:
                many.Add(holder);
                break;
            default:
                // It holds it already.
                break;
        }
    }

    /// <summary>Whether nobody holds it after this.</summary>
    public bool RemoveHolder(int holder)
    {
        if (Holders is HashSet<int> many)
        {
            many.Remove(holder);
            if (many.Count == 0)
            {
                Holders = null;
            }
        }
        else if (Holders is int one && one == holder)
        {
            Holders = null;
        }

        return Holders is null;
    }
}
