namespace Air.Orleans.Core.Tests.DataPlane;

/// <summary>
/// What somebody might send to a port who means ill or is broken: the same bytes for the same seed. It knows how the frames of the data plane
/// look, and nothing of the code that reads them.
/// </summary>
internal sealed class HostileFrames(int seed)
{
    private const int RequestBytes = 40;

    private readonly Random _random = new(seed);

    /// <summary>The first bytes of one who does not know the secret.</summary>
    public byte[] NextStranger() =>
        _random.Next(8) switch
        {
            0 => [],
            1 => Noise(_random.Next(1, 64)),
            2 => Noise(_random.Next(64, 64 << 10)),
            // A hello with a proof of nothing.
            3 => [.. "AIRD"u8, 2, 0, 0, 0, .. Noise(64)],
            // Half a hello.
            4 => [.. "AIRD"u8, 2, 0, 0, 0, .. Noise(_random.Next(64))],
            // Another version.
            5 => [.. "AIRD"u8, (byte)_random.Next(256), .. Noise(67)],
            // What other programs say first: TLS, HTTP/1, HTTP/2.
            6 => [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, .. Noise(_random.Next(600))],
            _ => _random.Next(2) == 0
                ? "GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray()
                : "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(),
        };

    /// <summary>What one sends who has proved himself, and then does not keep to the protocol.</summary>
    /// <param name="key">A key that there is.</param>
    public byte[] NextInsider(string key)
    {
        var request = Request(key);
        switch (_random.Next(9))
        {
            case 0:
                return Noise(_random.Next(1, 64 << 10));
            case 1:
                return request[.._random.Next(request.Length)];
            case 2:
                request[0] = (byte)_random.Next(256);
                return request;
            case 3:
                // A key that is longer than what follows.
                BitConverter.TryWriteBytes(request.AsSpan(2), (ushort)_random.Next(ushort.MaxValue + 1));
                return request;
            case 4:
                BitConverter.TryWriteBytes(request.AsSpan(8), Extreme());
                return request;
            case 5:
                BitConverter.TryWriteBytes(request.AsSpan(16), Extreme());
                return request;
            case 6:
                request[_random.Next(request.Length)] ^= (byte)(1 << _random.Next(8));
                return request;
            case 7:
                // A put whose pieces lie about their length.
                request[0] = 4;
                BitConverter.TryWriteBytes(request.AsSpan(16), (long)_random.Next(1 << 20));
                return [.. request, .. BitConverter.GetBytes((int)Extreme()), .. Noise(_random.Next(4096))];
            default:
                // Many requests, and no reader.
                return [.. Enumerable.Repeat(request, _random.Next(1, 50)).SelectMany(static it => it)];
        }
    }

    /// <summary>Whether to wait for what the other end says, before closing.</summary>
    public bool NextIsPatient() => _random.Next(4) == 0;

    private byte[] Request(string key)
    {
        var keyBytes = System.Text.Encoding.UTF8.GetBytes(key);
        var frame = new byte[RequestBytes + keyBytes.Length];
        frame[0] = (byte)_random.Next(1, 5);
        BitConverter.TryWriteBytes(frame.AsSpan(2), (ushort)keyBytes.Length);
        BitConverter.TryWriteBytes(frame.AsSpan(16), (long)_random.Next(1 << 20));
        keyBytes.CopyTo(frame, RequestBytes);
        return frame;
    }

    private long Extreme() =>
        _random.Next(6) switch
        {
            0 => -1,
            1 => long.MaxValue,
            2 => long.MinValue,
            3 => int.MaxValue,
            4 => 1L << 32,
            _ => _random.NextInt64(),
        };

    private byte[] Noise(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }
}
