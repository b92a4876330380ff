using Air.Orleans.Core.Blocks;

namespace Air.Orleans.Core;

/// <summary>Keeps a block stored until it is disposed, or this process ends. It gives no rows; <see cref="BlocksDoor.GetAsync"/> does.</summary>
public sealed class BlockHold : IAsyncDisposable
{
    private readonly BlockKeeper _keeper;
    private int _isOver;

    internal BlockHold(BlockKeeper keeper, BlockRef block) => (_keeper, Block) = (keeper, block);

    /// <summary>The block.</summary>
    public BlockRef Block { get; }

    /// <summary>Holds it no longer; with its last holder the block is freed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 0)
        {
            await _keeper.ReleaseAsync(Block.Id, _keeper.Drop(Block.Id, all: false), CancellationToken.None);
        }
    }
}
