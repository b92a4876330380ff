using System.IO.Hashing;
using Air.Orleans.Core.Blocks.Arena;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Placement;
using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Core.Blocks;

/// <summary>
/// Puts blocks from a process that is no silo: into the memory of a silo on its own host, where it writes them itself, else over the data plane.
/// Thread-safe.
/// </summary>
internal sealed class BlockWriter(
    BlockHomes homes,
    SegmentReader segments,
    DataClient data,
    BlockThreads threads,
    BlockKeeper keeper
)
{
    private const int Attempts = 3;

    private int _turn;

    /// <summary>Stores the batch under the id.</summary>
    /// <exception cref="AirException">No silo could take it; the latest error is inside.</exception>
    public async Task<BlockRef> PutAsync(Guid id, RecordBatch batch, CancellationToken cancellationToken)
    {
        var (length, pad) = BlockStream.Measure(batch);
        for (var attempt = 1; ; attempt++)
        {
            var home = await ChooseAsync(cancellationToken);
            try
            {
                return segments.IsNear(home)
                    ? await PutNearAsync(id, batch, length, pad, home, cancellationToken)
                    : await PutFarAsync(id, batch, length, pad, home, cancellationToken);
            }
            catch (Exception error) when (error is SiloGoneException or BlockLostException && attempt < Attempts)
            {
                homes.Forget(home.Silo);
            }
        }
    }

    /// <summary>The silos of this host by turns; all by turns where there is none here.</summary>
    private async Task<BlockHome> ChooseAsync(CancellationToken cancellationToken)
    {
        var all = await homes.ListAsync(cancellationToken);
        var near = all.Where(segments.IsNear).ToList();
        var choice = near.Count > 0 ? near : all;
        return choice.Count > 0
            ? choice[(int)((uint)Interlocked.Increment(ref _turn) % (uint)choice.Count)]
            : throw new AirException(
                "No silo of the cluster answers and takes new blocks, so that a block could be put to none: they are lost, or drain ('air status')."
            );
    }

    private async Task<BlockRef> PutNearAsync(
        Guid id,
        RecordBatch batch,
        int length,
        int pad,
        BlockHome home,
        CancellationToken cancellationToken
    )
    {
        var store = homes[home.Silo];
        var space = await GrainCalls.PollAsync(
            () => store.ReserveAsync(id, length, pad, batch.Length, keeper.Holder),
            cancellationToken
        );
        var hash = UInt128.Zero;
        bool isWritten;
        try
        {
            isWritten = await threads.RunAsync(
                $"write of block {id:N}",
                () => segments.TryWrite(home, space.Place, start => hash = Write(batch, start, length)),
                cancellationToken
            );
        }
        catch
        {
            await keeper.ReleaseAsync(id, [home.Silo], CancellationToken.None);
            throw;
        }

        if (!isWritten)
        {
            throw new BlockLostException(
                $"The space of block {id:N} on silo {home.Silo} was given back before it was written."
            );
        }

        await GrainCalls.RetryAsync(() => store.CommitAsync(id, space.Place, hash), cancellationToken);
        return RefOf(id, batch, length, hash, home, space.Place);
    }

    private async Task<BlockRef> PutFarAsync(
        Guid id,
        RecordBatch batch,
        int length,
        int pad,
        BlockHome home,
        CancellationToken cancellationToken
    )
    {
        var (content, hash) = await threads.RunAsync(
            $"write of block {id:N}",
            () =>
            {
                var bytes = GC.AllocateUninitializedArray<byte>(length, pinned: true);
                unsafe
                {
                    fixed (byte* start = bytes)
                    {
                        return (bytes, Write(batch, (nint)start, length));
                    }
                }
            },
            cancellationToken
        );
        await data.PutAsync(
            home.Endpoint,
            BlockStore.PutKey(id, pad, batch.Length, hash, keeper.Holder),
            content,
            cancellationToken
        );
        return RefOf(id, batch, length, hash, home, new BlockPlace(0, 0, 0, pad, length));
    }

    private static unsafe UInt128 Write(RecordBatch batch, nint start, int length)
    {
        BlockStream.Write(batch, (byte*)start, length);
        return XxHash128.HashToUInt128(new ReadOnlySpan<byte>((byte*)start, length));
    }

    private static BlockRef RefOf(
        Guid id,
        RecordBatch batch,
        int length,
        UInt128 hash,
        BlockHome home,
        BlockPlace place
    ) =>
        new()
        {
            Id = id,
            Home = home.Silo,
            Rows = batch.Length,
            Bytes = length,
            Hash = hash,
            Place = place,
        };
}
