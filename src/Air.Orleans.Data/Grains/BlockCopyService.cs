using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Placement;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Data.Grains;

/// <inheritdoc cref="IBlockCopyService"/>
internal sealed class BlockCopyService(
    GrainId id,
    Silo silo,
    ILoggerFactory loggers,
    BlockStore store,
    ILocalSiloDetails local
) : GrainService(id, silo, loggers), IBlockCopyService
{
    public Task<BlockTicket?> FindAsync(string key) =>
        Task.FromResult(store.TicketOf(BlockId.Of(key), key, OnSiloPlacement.KeyOf(local.SiloAddress)));
}
