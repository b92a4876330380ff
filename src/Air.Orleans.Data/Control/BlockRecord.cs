using Air.Orleans.Core.Blocks;

namespace Air.Orleans.Data.Control;

/// <summary>What a run knows of one of its blocks. It ends with the run's activation; the block itself is made from the plan.</summary>
internal sealed class BlockRecord(TimeProvider time)
{
    /// <summary>The failure that it ended in by losses.</summary>
    public FailureMemory Failures { get; } = new(time);

    /// <summary>Whether its rows were there once, so that there may be a copy somewhere.</summary>
    public bool WasHeld { get; set; }

    /// <summary>How many rows it has; null until it was computed.</summary>
    public int? Rows { get; private set; }

    /// <summary>The work that all who ask share.</summary>
    public Task<BlockTicket>? Work { get; set; }

    /// <summary>Notes that the rows are there.</summary>
    /// <exception cref="DatasetException">It had another number of rows before: what others read would not fit to it.</exception>
    public void Held(string key, int rows)
    {
        if (Rows is { } before && before != rows)
        {
            throw new DatasetException(
                $"Block '{key}' had {before} rows, and when it was lost and computed again it had {rows}. A function of MapBatches or "
                    + "Filter must give the same rows for the same input: seed what is random, and read nothing that changes."
            );
        }

        Rows = rows;
        WasHeld = true;
    }
}
