using System.Buffers;
using System.Buffers.Binary;

namespace Air.Orleans.Core.DataPlane;

/// <summary>
/// Content whose length nobody knows before its end, as pieces: length (4 bytes), bytes, hash; at the end a length of 0, or of -1 and the
/// error's text where it broke off. Small writes are gathered, large ones go out from where they lie.
/// </summary>
internal sealed class PieceWriter(DataWire wire, Func<ValueTask> begin) : DataStream
{
    private const int BufferBytes = 64 << 10;

    private readonly byte[] _head = new byte[sizeof(int)];
    private byte[]? _buffer;
    private int _gathered;

    public override bool CanWrite => true;

    /// <summary>Whether anything has gone out, so that an error can no longer stand in place of the content.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Sends what is gathered, and the end.</summary>
    public async ValueTask EndAsync()
    {
        await SendGatheredAsync();
        await SendLengthAsync(0);
    }

    /// <summary>Says that the content breaks off here.</summary>
    public async ValueTask FailAsync(string message)
    {
        _gathered = 0;
        await SendLengthAsync(-1);
        var text = DataAnswer.TextOf(message);
        BinaryPrimitives.WriteInt32LittleEndian(_head, text.Length);
        await wire.SendAsync(_head);
        await wire.SendAsync(text);
    }

    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_gathered + buffer.Length <= BufferBytes)
        {
            _buffer ??= ArrayPool<byte>.Shared.Rent(BufferBytes);
            buffer.CopyTo(_buffer.AsMemory(_gathered));
            _gathered += buffer.Length;
            return;
        }

        await SendGatheredAsync();
        while (buffer.Length > 0)
        {
            var piece = buffer[..Math.Min(DataLimits.MostPieceBytes, buffer.Length)];
            await SendPieceAsync(piece);
            buffer = buffer[piece.Length..];
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _buffer, null) is { } rented)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        base.Dispose(disposing);
    }

    private async ValueTask SendGatheredAsync()
    {
        if (_gathered > 0)
        {
            var gathered = _gathered;
            _gathered = 0;
            await SendPieceAsync(_buffer.AsMemory(0, gathered));
        }
    }

    private async ValueTask SendPieceAsync(ReadOnlyMemory<byte> piece)
    {
        await SendLengthAsync(piece.Length);
        await wire.SendHashedAsync(piece);
    }

    private async ValueTask SendLengthAsync(int length)
    {
        if (!HasBegun)
        {
            HasBegun = true;
            await begin();
        }

        BinaryPrimitives.WriteInt32LittleEndian(_head, length);
        await wire.SendAsync(_head);
    }
}
