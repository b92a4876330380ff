using System.Collections.Concurrent;
using System.IO.Hashing;
using Air.Orleans.Core.Blocks.Arena;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Placement;
using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Core.Blocks;

/// <summary>
/// Turns names of blocks into rows: within the process and the host where they lie, without a copy; from another host over the data plane, once for
/// each silo, which keeps what it fetched in its own store. Thread-safe.
/// </summary>
/// <remarks>
/// <c>store</c>: The silo's own store; null in a client.
/// </remarks>
internal sealed class BlockFetcher(
    BlockHomes homes,
    SegmentReader segments,
    DataClient data,
    BlockThreads threads,
    BlockStore? store
)
{
    private const int Attempts = 10;

    /// <summary>The stores of the silos in this process, by address.</summary>
    private static readonly ConcurrentDictionary<string, BlockStore> InProcess = new();

    private readonly ConcurrentDictionary<Guid, Lazy<Task>> _fetches = new();

    /// <summary>Makes a silo's store known to everyone in this process, until the result is disposed.</summary>
    public static IDisposable Announce(string silo, BlockStore store)
    {
        InProcess[silo] = store;
        return new Withdrawal(silo);
    }

    /// <summary>The rows of the block.</summary>
    /// <exception cref="BlockLostException">The block is not where its name says.</exception>
    public async Task<BlockLease> LeaseAsync(BlockRef block, CancellationToken cancellationToken = default)
    {
        if (store is not null && store.Contains(block.Id))
        {
            return await store.OpenAsync(block.Id, cancellationToken);
        }

        if (InProcess.TryGetValue(block.Home, out var neighbour))
        {
            return await neighbour.OpenAsync(block.Id, cancellationToken);
        }

        try
        {
            var home = await homes.OfAsync(block.Home, cancellationToken);
            return segments.IsNear(home)
                ? await ReadNearAsync(block, home, cancellationToken)
                : await FetchAsync(block, home, cancellationToken);
        }
        catch (Exception error)
            when (error is AirException and not BlockLostException and not BlockSpaceException
                || GrainCalls.IsTransient(error)
            )
        {
            if (error is SiloGoneException)
            {
                homes.Forget(block.Home);
            }

            throw new BlockLostException(
                $"Block {block.Id:N} could not be had from silo {block.Home}. {error.Message}",
                error
            );
        }
    }

    /// <summary>Brings a copy of the block into this silo's store, from any silo that has it.</summary>
    /// <remarks>
    /// <c>holder</c>: Who holds the copy; null where it is only kept while there is room.
    /// </remarks>
    public Task CopyAsync(BlockRef block, BlockHome from, string? holder, CancellationToken cancellationToken) =>
        Once(block.Id, () => CopyOnceAsync(block, from, holder)).WaitAsync(cancellationToken);

    private async Task<BlockLease> ReadNearAsync(BlockRef block, BlockHome home, CancellationToken cancellationToken)
    {
        var place = block.Place;
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            if (segments.TryRead(home, place, block.Hash, $"block {block.Id:N}") is { } lease)
            {
                return lease;
            }

            // It has left its place: spilled and restored, or freed.
            place = (await GrainCalls.PollAsync(() => homes[block.Home].OpenAsync(block.Id), cancellationToken)).Place;
        }

        throw new BlockLostException(
            $"Block {block.Id:N} left the memory of silo {block.Home} {Attempts} times before it could be read: the silo has too little memory for the blocks in use."
        );
    }

    private async Task<BlockLease> FetchAsync(BlockRef block, BlockHome home, CancellationToken cancellationToken)
    {
        if (store is not null)
        {
            try
            {
                await CopyAsync(block, home, holder: null, cancellationToken);
                return await store.OpenAsync(block.Id, cancellationToken);
            }
            catch (Exception error) when (error is BlockSpaceException or BlockLostException)
            {
                // No room to keep it, or it went again at once: read without keeping.
            }
        }

        var content = Memory<byte>.Empty;
        await data.FetchAsync(
            home.Endpoint,
            KeyOf(block.Id),
            length => ValueTask.FromResult(content = Aligned(checked((int)length), block.Place.Pad)),
            cancellationToken
        );
        await CheckAsync(block, content, cancellationToken);
        return BlockLease.Of(content, block.Hash);
    }

    private async Task CopyOnceAsync(BlockRef block, BlockHome from, string? holder)
    {
        if (store!.Contains(block.Id))
        {
            return;
        }

        await store.TakeInAsync(
            block.Id,
            block.Place.Pad,
            block.Rows,
            block.Hash,
            holder,
            checked((int)block.Bytes),
            async (memory, token) =>
                await data.FetchAsync(
                    from.Endpoint,
                    KeyOf(block.Id),
                    length =>
                        length == memory.Length
                            ? ValueTask.FromResult(memory)
                            : throw new AirException(
                                $"Block {block.Id:N} has {length} bytes where {memory.Length} were expected."
                            ),
                    token
                ),
            CancellationToken.None
        );
    }

    private async Task Once(Guid id, Func<Task> work)
    {
        var mine = new Lazy<Task>(work);
        var running = _fetches.GetOrAdd(id, mine);
        try
        {
            await running.Value;
        }
        finally
        {
            _fetches.TryRemove(KeyValuePair.Create(id, running));
        }
    }

    private Task<bool> CheckAsync(BlockRef block, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        threads.RunAsync(
            $"check of block {block.Id:N}",
            () =>
                XxHash128.HashToUInt128(content.Span) == block.Hash
                    ? true
                    : throw new AirException("It came with other content than was put."),
            cancellationToken
        );

    private static string KeyOf(Guid id) => $"block:{id:N}";

    /// <summary>Memory of the garbage collector in which the columns begin at multiples of 64.</summary>
    private static unsafe Memory<byte> Aligned(int length, int pad)
    {
        var array = GC.AllocateUninitializedArray<byte>(checked(length + 64), pinned: true);
        fixed (byte* start = array)
        {
            return array.AsMemory((int)((pad - (long)start) & 63), length);
        }
    }

    private sealed class Withdrawal(string silo) : IDisposable
    {
        public void Dispose() => InProcess.TryRemove(silo, out _);
    }
}
