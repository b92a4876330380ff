using Air.Orleans.Core.Blocks;
using Orleans.Services;

namespace Air.Orleans.Data.Grains;

/// <summary>Says of one silo whether it has a copy of a block, as a silo that read it from another keeps one.</summary>
[Alias("air.data.IBlockCopyService")]
internal interface IBlockCopyService : IGrainService
{
    /// <summary>Where to fetch it; null where the silo has none. The caller can have the block computed, so it waits briefly.</summary>
    [Alias("Find"), ResponseTimeout("00:00:02")]
    Task<BlockTicket?> FindAsync(string key);
}
