using Air.Orleans.Core.Blocks.Arena;
using Air.Orleans.Core.Blocks.Control;

namespace Air.Orleans.Core.Blocks;

/// <summary>Who holds what.</summary>
internal sealed partial class BlockStore
{
    private long _spills;
    private long _restores;

    /// <summary>Adds a holder of the block; false where it is not here.</summary>
    public bool Hold(Guid id, string holder)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(id, out var entry))
            {
                return false;
            }

            var number = _holders.Hear(holder);
            entry.AddHolder((int)number, number);
            // What is held must not be let go, though it came from elsewhere.
            entry.IsCopy = false;
            return true;
        }
    }

    /// <summary>Makes a block that is here this silo's own, though it may have come as a copy: it stays until <see cref="Remove"/>. False where it is not here.</summary>
    public bool Own(Guid id)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(id, out var entry))
            {
                return false;
            }

            entry.AddHolder(HolderBook.Self, HolderBook.SelfBoxed);
            entry.IsCopy = false;
            return true;
        }
    }

    /// <summary>Takes a holder away; with the last one the block is freed. Space that he reserved and did not write is given back.</summary>
    public void Release(Guid id, string holder)
    {
        lock (_gate)
        {
            if (_holders.Find(holder) is not int number)
            {
                return;
            }

            if (_entries.TryGetValue(id, out var entry) && entry.HasHolder(number) && entry.RemoveHolder(number))
            {
                _entries.Remove(id);
                Retire(entry);
            }

            if (_writing.Values.FirstOrDefault(entry => entry.Id == id && entry.HasHolder(number)) is { } unwritten)
            {
                _writing.Remove(unwritten.Place.Generation);
                Arena.Free(unwritten.Place);
            }
        }
    }

    /// <summary>Frees what only holders held that are silent too long or gone, and what was freed and is read no more.</summary>
    public void Tidy(Func<string, bool?> isAlive)
    {
        if (!IsOpen)
        {
            return;
        }

        using var use = Arena.Mapping.Use();
        lock (_gate)
        {
            foreach (var holder in _holders.Expire(isAlive))
            {
                Forget(holder);
            }
        }

        Arena.Reclaim();
    }

    /// <summary>Removes the files of dead processes of this host.</summary>
    public void Sweep()
    {
        if (IsOpen)
        {
            BlockParty.Sweep(_folder);
            BlockParty.Sweep(_spill.Folder);
        }
    }

    /// <summary>What is here, and where it stands; whoever asks adds which silo it is.</summary>
    public BlockStoreReport Describe()
    {
        lock (_gate)
        {
            return new BlockStoreReport
            {
                Silo = "",
                Host = "",
                Folder = _folder,
                SpillFolder = _spill.Folder,
                BudgetBytes = _budgetBytes,
                UsedBytes = UsedBytes,
                PinnedBytes = _pinnedBytes,
                Count = _entries.Count,
                SpilledBytes = _spilledBytes,
                SpilledCount = _spilledCount,
                Spills = Interlocked.Read(ref _spills),
                Restores = Interlocked.Read(ref _restores),
                Waiting = [.. _waiting.Values],
            };
        }
    }

    /// <summary>Under the lock.</summary>
    private void Forget(int holder)
    {
        foreach (var entry in _entries.Values.Where(entry => entry.HasHolder(holder)).ToList())
        {
            if (entry.RemoveHolder(holder))
            {
                _entries.Remove(entry.Id);
                Retire(entry);
            }
        }

        foreach (var entry in _writing.Values.Where(entry => entry.HasHolder(holder)).ToList())
        {
            _writing.Remove(entry.Place.Generation);
            Arena.Free(entry.Place);
        }
    }
}
