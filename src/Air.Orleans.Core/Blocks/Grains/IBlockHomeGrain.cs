using Air.Orleans.Core.Blocks.Arena;
using Air.Orleans.Core.Placement;
using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Core.Blocks.Grains;

/// <summary>
/// The block store of one silo, for other processes; the key is the silo (<see cref="OnSiloPlacement"/>). All calls are idempotent. Null is
/// answered where the work is not done yet: ask again.
/// </summary>
[Alias("air.core.IBlockHomeGrain")]
internal interface IBlockHomeGrain : IGrainWithStringKey
{
    /// <summary>Where the silo keeps its blocks.</summary>
    [Alias("Describe"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<BlockHome> DescribeAsync();

    /// <summary>Whether new blocks may be put here: not while the silo drains.</summary>
    [Alias("TakesBlocks"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<bool> TakesBlocksAsync();

    /// <summary>Says that another silo drains.</summary>
    [Alias("NoteDrain"), ResponseTimeout(SharedWork.CallTimeout)]
    Task NoteDrainAsync(string silo);

    /// <summary>What the store holds.</summary>
    [Alias("Report"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<BlockStoreReport> ReportAsync();

    /// <summary>Space for a block that a process of this host will write.</summary>
    /// <exception cref="SiloGoneException">The silo drains.</exception>
    [Alias("Reserve"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<BlockSpace?> ReserveAsync(Guid id, int length, int pad, int rows, string holder);

    /// <summary>Says that the block is written.</summary>
    [Alias("Commit"), ResponseTimeout(SharedWork.CallTimeout)]
    Task CommitAsync(Guid id, BlockPlace place, UInt128 hash);

    /// <summary>Brings the block into memory, and says where.</summary>
    /// <exception cref="BlockLostException">It is not here.</exception>
    [Alias("Open"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<BlockSpace?> OpenAsync(Guid id);

    /// <summary>Whether the block is here.</summary>
    [Alias("Contains"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<bool> ContainsAsync(Guid id);

    /// <summary>Fetches a copy of the block from another silo, for a holder.</summary>
    /// <exception cref="BlockLostException">It is not there.</exception>
    [Alias("Copy"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<BlockSpace?> CopyAsync(BlockRef block, BlockHome from, string holder);

    /// <summary>Adds a holder; false where the block is not here.</summary>
    [Alias("Hold"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<bool> HoldAsync(Guid id, string holder);

    /// <summary>Takes a holder away.</summary>
    [Alias("Release"), ResponseTimeout(SharedWork.CallTimeout)]
    Task ReleaseAsync(Guid id, string holder);

    /// <summary>Frees the block whoever holds it.</summary>
    [Alias("Free"), ResponseTimeout(SharedWork.CallTimeout)]
    Task FreeAsync(Guid id);

    /// <summary>Says that the holder lives, and gives those of its blocks here that another silo keeps for it from now on.</summary>
    [Alias("Beat"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<BlockMove[]> BeatAsync(string holder);
}

/// <summary>Where a block is in the silo's memory.</summary>
[GenerateSerializer, Immutable, Alias("air.core.BlockSpace")]
internal sealed record BlockSpace([property: Id(0)] BlockPlace Place);
