using System.Collections.Concurrent;
using Air.Orleans.Core.DataPlane;
using Apache.Arrow.Ipc;

namespace Air.Orleans.Core.Blocks;

/// <summary>
/// Turns tickets into rows: by reference where the block is held in this process, else over the data plane. A silo keeps
/// what it fetched in its own store, so that the workers on it fetch a block once. Thread-safe.
/// </summary>
internal sealed class BlockFetcher
{
    /// <summary>The stores of the silos in this process, by the secret of their data endpoint.</summary>
    private static readonly ConcurrentDictionary<string, BlockStore> InProcess = new();

    private readonly DataClient _data;
    private readonly BlockStore? _cache;

    /// <param name="data">Fetches what other processes hold.</param>
    /// <param name="cache">Where fetched blocks are kept; none in a client.</param>
    public BlockFetcher(DataClient data, BlockStore? cache = null) => (_data, _cache) = (data, cache);

    /// <summary>Makes a silo's store known to everyone in this process, until the result is disposed.</summary>
    public static IDisposable Announce(DataEndpoint endpoint, BlockStore store)
    {
        InProcess[endpoint.Secret] = store;
        return new Withdrawal(endpoint.Secret);
    }

    /// <summary>The rows of the block.</summary>
    /// <exception cref="BlockLostException">The block is not where the ticket says; ask its grain again.</exception>
    public async Task<RecordBatch> FetchAsync(BlockTicket ticket, CancellationToken cancellationToken = default)
    {
        if (InProcess.TryGetValue(ticket.Endpoint.Secret, out var near))
        {
            return near.Find(ticket.Key) ?? throw new BlockLostException($"Block '{ticket.Key}' was let go.");
        }

        if (_cache?.Find(ticket.Key) is { } cached)
        {
            return cached;
        }

        try
        {
            var batch = await _data.GetAsync(
                ticket.Endpoint,
                $"block:{ticket.Key}",
                stream => ReadAsync(stream, cancellationToken),
                cancellationToken
            );
            _cache?.Put(ticket.Key, batch);
            return batch;
        }
        catch (AirException error)
        {
            throw new BlockLostException($"Block '{ticket.Key}' could not be fetched. {error.Message}", error);
        }
    }

    private static async Task<RecordBatch> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var reader = new ArrowStreamReader(stream, ManagedAllocator.Instance, leaveOpen: true);
        return await reader.ReadNextRecordBatchAsync(cancellationToken)
            ?? throw new AirException("the stream held no record batch");
    }

    private sealed class Withdrawal(string secret) : IDisposable
    {
        public void Dispose() => InProcess.TryRemove(secret, out _);
    }
}
