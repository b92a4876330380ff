using Air.Orleans.Core.Blocks;
using Air.Orleans.Data.Execution;

namespace Air.Orleans.Data.Grains;

/// <summary>One block; the key is its run and number. It owns the rows on the silo where it stands.</summary>
[Alias("air.data.IBlockGrain")]
internal interface IBlockGrain : IGrainWithStringKey
{
    /// <summary>Computes the block unless it is held, and says where to fetch it.</summary>
    [Alias("Ensure"), ResponseTimeout("00:30:00")]
    Task<BlockTicket> EnsureAsync(BlockRecipe recipe);

    /// <summary>The moments of columns over the rows of this block.</summary>
    [Alias("Moments"), ResponseTimeout("00:30:00")]
    Task<MomentsImage[]> MomentsAsync(BlockRecipe recipe, string[] columns);
}
