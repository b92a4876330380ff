using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Data.Execution;

namespace Air.Orleans.Data.Grains;

/// <summary>One block; the key is its run and number. It owns the rows on the silo where it stands.</summary>
[Alias("air.data.IBlockGrain")]
internal interface IBlockGrain : IGrainWithStringKey
{
    /// <summary>Computes the block unless it is held, and says where to fetch it. Without a ticket the work is not done yet: ask again.</summary>
    [Alias("Ensure"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<BlockAnswer> EnsureAsync(BlockOrder order);

    /// <summary>The moments of columns over the rows of this block; null where the work is not done yet: ask again.</summary>
    [Alias("Moments"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<MomentsImage[]?> MomentsAsync(BlockOrder order, string[] columns);
}

/// <summary>What a block grain is asked for. It keeps none of it: whoever asks can make the recipe from the plan.</summary>
/// <param name="Recipe">How the block is made.</param>
/// <param name="WasHeld">Whether it was held before, so that another silo may have a copy.</param>
[GenerateSerializer, Immutable, Alias("air.data.BlockOrder")]
internal sealed record BlockOrder([property: Id(0)] BlockRecipe Recipe, [property: Id(1)] bool WasHeld);

/// <summary>How it stands with a block.</summary>
/// <param name="Activation">Names the activation that answers: another one than before began the work anew.</param>
/// <param name="Ticket">Where the rows are; null while they are computed.</param>
/// <param name="Computations">How often this activation made the rows from the recipe.</param>
/// <param name="Losses">How often this activation found that it held them no more.</param>
[GenerateSerializer, Immutable, Alias("air.data.BlockAnswer")]
internal sealed record BlockAnswer(
    [property: Id(0)] string Activation,
    [property: Id(1)] BlockTicket? Ticket,
    [property: Id(2)] int Computations,
    [property: Id(3)] int Losses
);
