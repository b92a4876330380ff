using Air.Orleans.Core.Blocks.Control;

namespace Air.Orleans.Core.Blocks;

/// <summary>What others hold here, and to where it has moved.</summary>
internal sealed partial class BlockStore
{
    private readonly Dictionary<(Guid Block, string Holder), string> _moves = [];

    /// <summary>The blocks that others than this silo hold, and who of them has not been told yet where the block has moved.</summary>
    /// <remarks>
    /// <c>home</c>: This silo's address.
    /// <c>self</c>: The name under which this process holds blocks, which ends with it.
    /// </remarks>
    public IReadOnlyList<(BlockRef Block, string Holder, bool IsMoved)> HeldByOthers(string home, string self)
    {
        lock (_gate)
        {
            var names = _holders.Names();
            return
            [
                .. from entry in _entries.Values
                from number in entry.HolderNumbers
                where names.ContainsKey(number) && names[number] != self
                select (RefOf(entry, home), names[number], _moves.ContainsKey((entry.Id, names[number]))),
            ];
        }
    }

    /// <summary>Notes that another silo keeps the block for the holder too, who hears of it with its next beat.</summary>
    public void NoteMoved(Guid id, string holder, string silo)
    {
        lock (_gate)
        {
            _moves[(id, holder)] = silo;
        }
    }

    /// <summary>Notes that the holder lives, and tells which of the blocks that it holds here have moved.</summary>
    public BlockMove[] Hear(string holder)
    {
        lock (_gate)
        {
            if (_holders.Find(holder) is not int number)
            {
                return [];
            }

            _holders.Hear(holder);
            return
            [
                .. _moves
                    .Where(move =>
                        move.Key.Holder == holder
                        && _entries.TryGetValue(move.Key.Block, out var entry)
                        && entry.HasHolder(number)
                    )
                    .Select(static move => new BlockMove(move.Key.Block, move.Value)),
            ];
        }
    }

    private static BlockRef RefOf(BlockEntry entry, string home) =>
        new()
        {
            Id = entry.Id,
            Home = home,
            Rows = entry.Rows,
            Bytes = entry.Place.Length,
            Hash = entry.Hash,
            Place = entry.Place,
        };
}
