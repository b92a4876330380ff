using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Data.Execution;

namespace Air.Orleans.Data.Grains;

/// <summary>One block; the key is its run and number. It owns the rows on the silo where it stands. Null is answered where the work is not done yet: ask again.</summary>
[Alias("air.data.IBlockGrain")]
internal interface IBlockGrain : IGrainWithStringKey
{
    /// <summary>Computes the block unless it is held, and says where to fetch it.</summary>
    [Alias("Ensure"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<BlockTicket?> EnsureAsync(BlockRecipe recipe);

    /// <summary>The moments of columns over the rows of this block.</summary>
    [Alias("Moments"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<MomentsImage[]?> MomentsAsync(BlockRecipe recipe, string[] columns);
}
