using System.Buffers.Binary;
using System.IO.Hashing;
using Air.Orleans.Core.Diagnostics;

namespace Air.Orleans.Core.DataPlane;

/// <summary>
/// The sending half of one end of a connection: content goes out from where it lies, with its hash after it. An other end that takes nothing
/// for a while is given up.
/// </summary>
/// <param name="send">Sends all of the bytes.</param>
/// <param name="alarm">The connection's.</param>
/// <param name="slowest">How long one slice may take.</param>
internal sealed class DataWire(
    Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> send,
    DataAlarm alarm,
    TimeSpan slowest
)
{
    /// <summary>What is hashed and sent at once: it stays in the processor's cache between the two.</summary>
    public const int SliceBytes = 256 << 10;

    public const int HashBytes = 16;

    private readonly XxHash128 _hash = new();
    private readonly byte[] _trailer = new byte[HashBytes];

    /// <summary>Sends the bytes as they are.</summary>
    /// <exception cref="IOException">The other end is gone.</exception>
    /// <exception cref="OperationCanceledException">It does not read, or the connection is ended.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await send(bytes, alarm.Within(slowest));
        alarm.Rest();
    }

    /// <inheritdoc cref="SendAsync"/>
    public async ValueTask SendHashedAsync(ReadOnlyMemory<byte> bytes)
    {
        _hash.Reset();
        for (var rest = bytes; rest.Length > 0; )
        {
            var slice = rest[..Math.Min(SliceBytes, rest.Length)];
            _hash.Append(slice.Span);
            await SendAsync(slice);
            rest = rest[slice.Length..];
        }

        BinaryPrimitives.WriteUInt128LittleEndian(_trailer, _hash.GetCurrentHashAsUInt128());
        await SendAsync(_trailer);
        TransferMeter.Sent(bytes.Length);
    }
}
