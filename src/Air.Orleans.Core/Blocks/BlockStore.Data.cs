using System.Globalization;
using Air.Orleans.Core.Blocks.Arena;
using Air.Orleans.Core.DataPlane;

namespace Air.Orleans.Core.Blocks;

/// <summary>The blocks as the data plane sees them.</summary>
internal sealed partial class BlockStore : IMemorySource
{
    public string Scheme => "block";

    public async ValueTask<IMemoryLease> OpenAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(Guid.ParseExact(key, "N"), cancellationToken);
        }
        catch (Exception error) when (error is FormatException or BlockLostException)
        {
            throw new KeyNotFoundException($"block '{key}' is not held here any more");
        }
    }

    public async Task SendAsync(string key, Stream destination, CancellationToken cancellationToken)
    {
        using var lease = await OpenAsync(key, cancellationToken);
        await destination.WriteAsync(lease.Bytes, cancellationToken);
    }

    /// <summary>Takes in a block that a client on another host puts; the key is what <see cref="PutKey"/> made.</summary>
    public async Task ReceiveAsync(string key, Stream source, long length, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        var parts = key.Split('/', 5);
        if (
            parts.Length != 5
            || length is < 0 or > int.MaxValue
            || !Guid.TryParseExact(parts[0], "N", out var id)
            || !int.TryParse(parts[1], CultureInfo.InvariantCulture, out var pad)
            || pad is < 0 or > 63
            || !int.TryParse(parts[2], CultureInfo.InvariantCulture, out var rows)
            || !UInt128.TryParse(parts[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var hash)
        )
        {
            throw new AirException($"'{key}' is no key of a block to put.");
        }

        await TakeInAsync(id, pad, rows, hash, parts[4], (int)length, source.ReadExactlyAsync, cancellationToken);
    }

    /// <summary>The key under which a client sends a block.</summary>
    public static string PutKey(Guid id, int pad, int rows, UInt128 hash, string holder) =>
        string.Create(CultureInfo.InvariantCulture, $"block:{id:N}/{pad}/{rows}/{hash:x}/{holder}");

    /// <summary>Takes in content from outside, and believes nothing that does not have its hash.</summary>
    /// <remarks>
    /// <c>holder</c>: Who holds it; null where it is a copy that can be had again.
    /// <c>fill</c>: Writes the content into the memory that it is given.
    /// </remarks>
    /// <exception cref="AirException">The content is another.</exception>
    public async Task TakeInAsync(
        Guid id,
        int pad,
        int rows,
        UInt128 hash,
        string? holder,
        int length,
        Func<Memory<byte>, CancellationToken, ValueTask> fill,
        CancellationToken cancellationToken
    )
    {
        await OpenArenaAsync();
        using var use = Arena.Mapping.Use();
        var place = await ReserveHereAsync(id, length, pad, rows, isCopy: holder is null, cancellationToken);
        try
        {
            await fill(ViewOf(place).Memory, cancellationToken);
            await _threads.RunAsync(
                $"check of block {id:N}",
                () =>
                    HashOf(place) == hash
                        ? true
                        : throw new AirException(
                            $"Block {id:N} came with other content than was sent; it is not stored."
                        ),
                cancellationToken
            );
            Commit(id, place, hash, holder);
        }
        catch
        {
            Abandon(place);
            throw;
        }
    }

    /// <summary>Makes a copy of a block that is read from elsewhere this silo's own; false where its content is not what was stored.</summary>
    public async Task<bool> AdoptAsync(BlockRef block, BlockLease lease)
    {
        await OpenArenaAsync();
        using var use = Arena.Mapping.Use();
        var place = await ReserveHereAsync(
            block.Id,
            lease.Content.Length,
            block.Place.Pad,
            block.Rows,
            isCopy: false,
            CancellationToken.None
        );
        return await _threads.RunAsync($"copy of block {block.Id:N}", () => Fill(block, lease, place));
    }

    private bool Fill(BlockRef block, BlockLease lease, BlockPlace place)
    {
        try
        {
            lease.Content.CopyTo(ViewOf(place).Memory);
            if (HashOf(place) != block.Hash)
            {
                Abandon(place);
                return false;
            }

            Commit(block.Id, place, block.Hash);
            return true;
        }
        catch
        {
            Abandon(place);
            throw;
        }
    }
}
