using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources;
using Orleans.Runtime.Services;

namespace Air.Orleans.Data.Grains;

/// <summary>Looks on the other silos for a copy of a block whose own silo has it no more. Thread-safe.</summary>
internal sealed class BlockCopies(
    IServiceProvider services,
    IManagementView membership,
    ILocalSiloDetails local,
    BlockFetcher fetcher
) : GrainServiceClient<IBlockCopyService>(services)
{
    /// <summary>The rows, held until the lease is disposed, and the name of what they are a copy of; null where no silo has a copy that can be had.</summary>
    public async Task<(BlockRef Block, BlockLease Lease)?> FetchAsync(string key)
    {
        var active = await membership.ActiveSilosAsync();
        var tickets = await Task.WhenAll(
            active.Where(silo => silo != local.SiloAddress).Select(silo => Ask(silo, key))
        );
        foreach (var ticket in tickets.OfType<BlockTicket>())
        {
            try
            {
                return (ticket.Block, await fetcher.LeaseAsync(ticket.Block));
            }
            catch (BlockLostException)
            {
                // It went between the answer and now; there may be another.
            }
        }

        return null;
    }

    private async Task<BlockTicket?> Ask(SiloAddress silo, string key)
    {
        try
        {
            return await GetGrainService(silo).FindAsync(key);
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            return null;
        }
    }
}
