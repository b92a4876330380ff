using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Data.Execution;
using Air.Orleans.Data.Plans;

namespace Air.Orleans.Data.Grains;

/// <summary>
/// The execution of one node of a plan; the key is the node's id. Every call brings the plan along, so that a run which was lost
/// with its silo begins anew and comes to the same blocks. Null is answered where the work is not done yet: ask again.
/// </summary>
[Alias("air.data.IDatasetRunGrain")]
internal interface IDatasetRunGrain : IGrainWithStringKey
{
    /// <summary>Finds the columns and cuts the rows into blocks, without computing them where that can be.</summary>
    [Alias("Open"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<DatasetLayout?> OpenAsync(PlanNode plan);

    /// <summary>Has one block computed, unless it is held.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="index">The block's number.</param>
    /// <param name="wasLost">Whether the caller had a ticket for which there were no rows, so that copies are looked for.</param>
    [Alias("Block"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<BlockTicket?> BlockAsync(PlanNode plan, int index, bool wasLost);

    /// <summary>How many rows each block has. Blocks that never were are computed; those that are lost since are not.</summary>
    [Alias("Rows"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<int[]?> RowsAsync(PlanNode plan);

    /// <summary>Has all blocks computed.</summary>
    [Alias("Materialize"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<MaterializedDataset?> MaterializeAsync(PlanNode plan);

    /// <summary>The moments of columns over all rows, merged in the order of the blocks.</summary>
    [Alias("Moments"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<MomentsImage[]?> MomentsAsync(PlanNode plan, string[] columns);
}
