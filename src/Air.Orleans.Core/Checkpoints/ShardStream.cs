namespace Air.Orleans.Core.Checkpoints;

/// <summary>A file of a checkpoint as a stream, for one reader: a shard is read and checked whole before its bytes are given.</summary>
internal sealed class ShardStream(
    CheckpointFile file,
    CheckpointHold hold,
    Func<int, Memory<byte>, CancellationToken, Task> read
) : Stream
{
    private byte[] _buffer = [];
    private ReadOnlyMemory<byte> _rest;
    private int _next;
    private long _position;
    private bool _ended;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => file.Bytes;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.Length == 0 && _next < file.Shards.Count)
        {
            var length = file.Shards[_next].Bytes;
            if (_buffer.Length < length)
            {
                _buffer = GC.AllocateUninitializedArray<byte>(length);
            }

            await hold.RenewAsync(cancellationToken);
            await read(_next, _buffer.AsMemory(0, length), cancellationToken);
            _rest = _buffer.AsMemory(0, length);
            _next++;
        }

        var given = Math.Min(buffer.Length, _rest.Length);
        _rest[..given].CopyTo(buffer);
        _rest = _rest[given..];
        _position += given;
        return given;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override async ValueTask DisposeAsync()
    {
        _ended = true;
        await hold.DisposeAsync();
        await base.DisposeAsync();
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_ended)
        {
            _ended = true;
            // Ends in the background; where that fails, the pin runs out.
            _ = hold.DisposeAsync().AsTask();
        }

        base.Dispose(disposing);
    }
}
