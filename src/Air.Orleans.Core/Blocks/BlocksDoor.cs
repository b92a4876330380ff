using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Placement;
using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Core;

/// <summary>
/// Blocks of rows in the memory of the silos: <c>air.Blocks</c>. A block never changes; it stays until nobody holds it. Within a host it is written
/// once and read where it lies by every process. Thread-safe.
/// </summary>
public sealed class BlocksDoor
{
    private readonly IServiceProvider _services;

    internal BlocksDoor(IAirCluster air) => _services = air.Services;

    private BlockHomes Homes => _services.GetRequiredService<BlockHomes>();

    private BlockKeeper Keeper => _services.GetRequiredService<BlockKeeper>();

    private BlockFetcher Fetcher => _services.GetRequiredService<BlockFetcher>();

    /// <summary>
    /// Stores a batch: in this silo, else in a silo of this host, else in any. This process holds the block, until it calls
    /// <see cref="FreeAsync"/> or ends (a client that is not heard of for ten seconds has ended).
    /// </summary>
    /// <exception cref="BlockSpaceException">There is no room for it, in memory or on disk.</exception>
    /// <exception cref="AirException">The batch takes 2 GiB or more, or no silo answers.</exception>
    public async Task<BlockRef> PutAsync(RecordBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var id = Guid.NewGuid();
        var block = _services.GetService<BlockStore>() is { } store
            ? await PutHereAsync(store, id, batch, cancellationToken)
            : await _services.GetRequiredService<BlockWriter>().PutAsync(id, batch, cancellationToken);
        Keeper.Keep(id, block.Home);
        return block;
    }

    /// <summary>
    /// The rows of a block, to be read until the lease is disposed: where they lie when a silo of this host has them, else fetched. Whoever
    /// held the block last may have freed it; where its silo is lost, a copy on another is found.
    /// </summary>
    /// <exception cref="BlockLostException">No silo has it.</exception>
    public async Task<BlockLease> GetAsync(BlockRef block, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(block);
        try
        {
            return await Fetcher.LeaseAsync(block, cancellationToken);
        }
        catch (BlockLostException lost)
        {
            foreach (var silo in await LocationsAsync(block, cancellationToken))
            {
                try
                {
                    return await Fetcher.LeaseAsync(At(block, silo), cancellationToken);
                }
                catch (BlockLostException)
                {
                    // Freed there meanwhile, or that silo is lost too.
                }
            }

            throw new BlockLostException(
                $"Block {block.Id:N} is on no silo any more: it was freed, nobody held it, or its silo was lost without a copy elsewhere. Put it again. ({lost.Message})",
                lost
            );
        }
    }

    /// <summary>
    /// Says that this process needs the block no longer; it is freed when no other process holds it. Leases that there are stay valid. A silo
    /// that does not answer now is told later.
    /// </summary>
    /// <param name="block">The block.</param>
    /// <param name="evenIfHeld">Whether to free it whoever holds it, with all its copies.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task FreeAsync(BlockRef block, bool evenIfHeld = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(block);
        await Keeper.ReleaseAsync(block.Id, Keeper.Drop(block.Id, all: true), cancellationToken);
        if (evenIfHeld)
        {
            await Keeper.ReleaseAsync(
                block.Id,
                await Homes.ActiveAsync(cancellationToken),
                cancellationToken,
                evenIfHeld: true
            );
        }
    }

    /// <summary>Keeps a block that another process put, until the result is disposed or this process ends.</summary>
    /// <exception cref="BlockLostException">No silo has it any more.</exception>
    public async Task<BlockHold> HoldAsync(BlockRef block, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(block);
        var silos = await HoldWhereItIsAsync(block, cancellationToken);
        if (silos.Count == 0)
        {
            throw new BlockLostException(
                $"Block {block.Id:N} is on no silo any more, so that it cannot be held. Put it again."
            );
        }

        for (var i = 0; i < silos.Count; i++)
        {
            Keeper.Keep(block.Id, silos[i], isOneMore: i == 0);
        }

        return new BlockHold(Keeper, block);
    }

    /// <summary>The addresses of the silos that have the block, in memory or on disk.</summary>
    public async Task<IReadOnlyList<string>> LocationsAsync(
        BlockRef block,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(block);
        var answers = await Homes.AskAllAsync(store => store.ContainsAsync(block.Id), cancellationToken);
        return [.. answers.Where(static answer => answer.Answer).Select(static answer => answer.Silo)];
    }

    /// <summary>
    /// Brings a copy to every silo that does not drain. Each silo that has the block passes it on to one that has not, all at the same time, so that eight silos have
    /// it after three rounds and none sends it more often than that. This process holds the copies too. Gives the silos that have it.
    /// </summary>
    /// <exception cref="BlockLostException">No silo has it any more.</exception>
    public async Task<IReadOnlyList<string>> BroadcastAsync(
        BlockRef block,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(block);
        // Those that have it already hold it too: a silo may have it only because it read it once.
        var have = new List<string>(await HoldWhereItIsAsync(block, cancellationToken));
        have.ForEach(silo => Keeper.Keep(block.Id, silo, isOneMore: false));
        var open = await Homes.AskAllAsync(static store => store.TakesBlocksAsync(), cancellationToken);
        var need = new Queue<string>(
            open.Where(static answer => answer.Answer).Select(static answer => answer.Silo).Except(have)
        );
        while (need.Count > 0)
        {
            if (have.Count == 0)
            {
                throw new BlockLostException(
                    $"Block {block.Id:N} is on no silo any more, so that it cannot be copied. Put it again."
                );
            }

            var copies = have.ToList()
                .TakeWhile(_ => need.Count > 0)
                .Select(source => (Source: source, Target: need.Dequeue()))
                .ToList();
            var done = await Task.WhenAll(
                copies.Select(copy => TryCopyAsync(block, copy.Source, copy.Target, cancellationToken))
            );
            for (var i = 0; i < copies.Count; i++)
            {
                switch (done[i])
                {
                    case CopyEnd.Done:
                        have.Add(copies[i].Target);
                        Keeper.Keep(block.Id, copies[i].Target, isOneMore: false);
                        break;
                    case CopyEnd.SourceLost:
                        have.Remove(copies[i].Source);
                        need.Enqueue(copies[i].Target);
                        break;
                    default:
                        // The silo that was to have it is lost.
                        break;
                }
            }
        }

        return have;
    }

    /// <summary>The block store of each silo that is up.</summary>
    public async Task<IReadOnlyList<BlockStoreReport>> DescribeAsync(CancellationToken cancellationToken = default) =>
        [
            .. (await Homes.AskAllAsync(static store => store.ReportAsync(), cancellationToken)).Select(static answer =>
                answer.Answer
            ),
        ];

    /// <summary>The silos that have the block, which all hold it for this process now.</summary>
    private async Task<List<string>> HoldWhereItIsAsync(BlockRef block, CancellationToken cancellationToken)
    {
        Keeper.Recall(block.Id);
        var answers = await Homes.AskAllAsync(store => store.HoldAsync(block.Id, Keeper.Holder), cancellationToken);
        return [.. answers.Where(static answer => answer.Answer).Select(static answer => answer.Silo)];
    }

    private async Task<CopyEnd> TryCopyAsync(
        BlockRef block,
        string source,
        string target,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var from = await Homes.OfAsync(source, cancellationToken);
            await GrainCalls.PollAsync(() => Homes[target].CopyAsync(block, from, Keeper.Holder), cancellationToken);
            return CopyEnd.Done;
        }
        catch (SiloGoneException)
        {
            return (await Homes.ActiveAsync(cancellationToken)).Contains(target)
                ? CopyEnd.SourceLost
                : CopyEnd.TargetLost;
        }
        catch (AirException error) when (error is not BlockSpaceException)
        {
            return CopyEnd.SourceLost;
        }
    }

    private async Task<BlockRef> PutHereAsync(
        BlockStore store,
        Guid id,
        RecordBatch batch,
        CancellationToken cancellationToken
    )
    {
        var (place, hash) = await store.PutAsync(id, batch, Keeper.Holder, cancellationToken);
        return new BlockRef
        {
            Id = id,
            Home = OnSiloPlacement.KeyOf(_services.GetRequiredService<ILocalSiloDetails>().SiloAddress),
            Rows = batch.Length,
            Bytes = place.Length,
            Hash = hash,
            Place = place,
        };
    }

    /// <summary>The block as a copy of it lies on another silo: only that silo knows where.</summary>
    private static BlockRef At(BlockRef block, string silo) =>
        block with
        {
            Home = silo,
            Place = block.Place with { Segment = 0 },
        };

    private enum CopyEnd
    {
        Done,
        SourceLost,
        TargetLost,
    }
}
