using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Kernels.Columns;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Data.Grains;

/// <inheritdoc cref="IBlockCopyService"/>
internal sealed class BlockCopyService(
    GrainId id,
    Silo silo,
    ILoggerFactory loggers,
    BlockStore store,
    DataServer dataServer
) : GrainService(id, silo, loggers), IBlockCopyService
{
    public Task<BlockTicket?> FindAsync(string key) =>
        Task.FromResult(
            store.Find(key) is { } batch
                ? new BlockTicket(key, batch.Length, BatchKernels.SizeBytes(batch), dataServer.Endpoint)
                : null
        );
}
