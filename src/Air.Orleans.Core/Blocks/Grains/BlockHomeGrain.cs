using Air.Orleans.Core.Blocks.Arena;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Placement;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Silos;
using Orleans.Concurrency;

namespace Air.Orleans.Core.Blocks.Grains;

/// <inheritdoc cref="IBlockHomeGrain"/>
[GrainType("air.core.block-home"), OnSiloPlacement, Reentrant]
internal sealed class BlockHomeGrain(
    BlockStore store,
    BlockFetcher fetcher,
    DataServer data,
    DrainingSilos draining,
    ILocalSiloDetails silo,
    TimeProvider time
) : Grain, IBlockHomeGrain
{
    private readonly SharedWork _work = new(time);

    public async Task<BlockHome> DescribeAsync()
    {
        await store.OpenArenaAsync();
        var (number, path) = store.Segment;
        return new BlockHome(OnSiloPlacement.KeyOf(silo.SiloAddress), silo.DnsHostName, number, path, data.Endpoint);
    }

    public Task<bool> TakesBlocksAsync() => Task.FromResult(!store.IsClosed);

    public Task NoteDrainAsync(string silo)
    {
        draining.Add(SiloAddress.FromParsableString(silo));
        return Task.CompletedTask;
    }

    public Task<BlockStoreReport> ReportAsync()
    {
        var report = store.Describe();
        return Task.FromResult(report with { Silo = OnSiloPlacement.KeyOf(silo.SiloAddress), Host = silo.DnsHostName });
    }

    public async Task<BlockSpace?> ReserveAsync(Guid id, int length, int pad, int rows, string holder)
    {
        store.ThrowIfClosed();
        return store.TryReserve(id, length, pad, rows, holder) is { } place
            ? new BlockSpace(place)
            : await _work.WaitAsync(
                $"reserve {id:N} {holder}",
                async () => new BlockSpace(await store.ReserveAsync(id, length, pad, rows, holder))
            );
    }

    public Task CommitAsync(Guid id, BlockPlace place, UInt128 hash)
    {
        store.Commit(id, place, hash);
        return Task.CompletedTask;
    }

    public async Task<BlockSpace?> OpenAsync(Guid id) =>
        store.PlaceOf(id) is { } found
            ? new BlockSpace(found.Place)
            : await _work.WaitAsync($"open {id:N}", () => RestoreAsync(id));

    public Task<bool> ContainsAsync(Guid id) => Task.FromResult(store.Contains(id));

    public Task<BlockSpace?> CopyAsync(BlockRef block, BlockHome from, string holder) =>
        _work.WaitAsync(
            $"copy {block.Id:N} {holder}",
            async () =>
            {
                await fetcher.CopyAsync(block, from, holder, CancellationToken.None);
                store.Hold(block.Id, holder);
                return new BlockSpace(store.PlaceOf(block.Id)?.Place ?? default);
            }
        );

    public Task<bool> HoldAsync(Guid id, string holder) => Task.FromResult(store.Hold(id, holder));

    public Task ReleaseAsync(Guid id, string holder)
    {
        store.Release(id, holder);
        return Task.CompletedTask;
    }

    public Task FreeAsync(Guid id)
    {
        store.Remove(id);
        return Task.CompletedTask;
    }

    public Task<BlockMove[]> BeatAsync(string holder) => Task.FromResult(store.Hear(holder));

    private async Task<BlockSpace> RestoreAsync(Guid id)
    {
        using var lease = await store.OpenAsync(id);
        return new BlockSpace(
            store.PlaceOf(id)?.Place
                ?? throw new BlockLostException($"Block {id:N} was freed while it came back from disk.")
        );
    }
}
