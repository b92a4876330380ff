using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Air.Orleans.Core.Diagnostics;

namespace Air.Orleans.Core.DataPlane;

/// <summary>
/// Reads what a <see cref="PieceWriter"/> wrote. The read that gives a piece's last bytes has checked its hash, so whoever has read all
/// has read nothing wrong.
/// </summary>
internal sealed class PieceReader(Stream inner, DataAlarm alarm, TimeSpan slowest) : DataStream
{
    private readonly XxHash128 _hash = new();
    private readonly byte[] _frame = new byte[DataWire.HashBytes];
    private int _left;

    public override bool CanRead => true;

    /// <summary>Whether the end was read, so that another answer may follow on the connection.</summary>
    public bool HasEnded { get; private set; }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <exception cref="InvalidDataException">A piece is too long, or its hash is wrong.</exception>
    /// <exception cref="AirException">The other end could not send it all.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (HasEnded || buffer.Length == 0 || (_left == 0 && !await BeginPieceAsync()))
        {
            return 0;
        }

        var read = await inner.ReadAsync(buffer[..Math.Min(buffer.Length, _left)], alarm.Within(slowest));
        if (read == 0)
        {
            throw new EndOfStreamException("The connection ended within a content.");
        }

        _hash.Append(buffer.Span[..read]);
        _left -= read;
        TransferMeter.Received(read);
        if (_left == 0)
        {
            await ReadFrameAsync(DataWire.HashBytes);
            if (BinaryPrimitives.ReadUInt128LittleEndian(_frame) != _hash.GetCurrentHashAsUInt128())
            {
                throw new InvalidDataException("The hash of what arrived is not that of what was sent.");
            }
        }

        alarm.Rest();
        return read;
    }

    /// <summary>Reads what is left, up to so many bytes; whether that was all.</summary>
    public async ValueTask<bool> DrainAsync(long mostBytes)
    {
        var buffer = new byte[16 << 10];
        while (!HasEnded && mostBytes >= 0)
        {
            mostBytes -= await ReadAsync(buffer);
        }

        return HasEnded;
    }

    private async ValueTask<bool> BeginPieceAsync()
    {
        await ReadFrameAsync(sizeof(int));
        _left = BinaryPrimitives.ReadInt32LittleEndian(_frame);
        _hash.Reset();
        switch (_left)
        {
            case 0:
                HasEnded = true;
                return false;
            case -1:
                _left = 0;
                await ReadFrameAsync(sizeof(int));
                throw await ReadErrorAsync(BinaryPrimitives.ReadInt32LittleEndian(_frame));
            case > 0 and <= DataLimits.MostPieceBytes:
                return true;
            default:
                throw new InvalidDataException(
                    $"A piece of {_left} bytes is announced; at most {DataLimits.MostPieceBytes} are taken."
                );
        }
    }

    private async ValueTask<AirException> ReadErrorAsync(int length)
    {
        if (length is < 0 or > DataLimits.MostTextBytes)
        {
            throw new InvalidDataException(
                $"A text of {length} bytes is announced; at most {DataLimits.MostTextBytes} are taken."
            );
        }

        var text = new byte[length];
        await inner.ReadExactlyAsync(text, alarm.Within(slowest));
        HasEnded = true;
        return new AirException(Encoding.UTF8.GetString(text));
    }

    private ValueTask ReadFrameAsync(int length) =>
        inner.ReadExactlyAsync(_frame.AsMemory(0, length), alarm.Within(slowest));
}
