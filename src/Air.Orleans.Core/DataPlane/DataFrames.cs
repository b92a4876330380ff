using System.Buffers.Binary;
using System.Text;

namespace Air.Orleans.Core.DataPlane;

/// <summary>
/// The frames before the bytes. Request: "AIRD", verb (1 byte), secret and key (length-prefixed UTF-8), and for a put its
/// length (8 bytes, little-endian). Answer: 0 and the content, or 1 and the error's text.
/// </summary>
internal static class DataFrames
{
    public const byte Get = 1;
    public const byte Put = 2;
    public const byte Accepted = 0;
    public const byte Failed = 1;

    private const int LongestText = 16 * 1024;
    private static readonly byte[] Magic = "AIRD"u8.ToArray();

    public static async Task WriteRequestAsync(
        Stream stream,
        byte verb,
        string secret,
        string key,
        long length,
        CancellationToken cancellationToken
    )
    {
        using var frame = new MemoryStream();
        frame.Write(Magic);
        frame.WriteByte(verb);
        WriteText(frame, secret);
        WriteText(frame, key);
        if (verb == Put)
        {
            var bytes = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
            frame.Write(bytes);
        }

        await stream.WriteAsync(frame.GetBuffer().AsMemory(0, (int)frame.Length), cancellationToken);
    }

    /// <exception cref="InvalidDataException">It is no frame of this protocol.</exception>
    public static async Task<DataRequest> ReadRequestAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = await ReadAsync(stream, Magic.Length + 1, cancellationToken);
        if (!head.AsSpan(0, Magic.Length).SequenceEqual(Magic) || head[^1] is not (Get or Put))
        {
            throw new InvalidDataException("The first bytes are no request of the data plane.");
        }

        var secret = await ReadTextAsync(stream, cancellationToken);
        var key = await ReadTextAsync(stream, cancellationToken);
        var length =
            head[^1] == Put ? BinaryPrimitives.ReadInt64LittleEndian(await ReadAsync(stream, 8, cancellationToken)) : 0;
        return new DataRequest(head[^1], secret, key, length);
    }

    public static async Task WriteFailureAsync(Stream stream, string message, CancellationToken cancellationToken)
    {
        using var frame = new MemoryStream();
        frame.WriteByte(Failed);
        WriteText(frame, message.Length > LongestText / 4 ? message[..(LongestText / 4)] : message);
        await stream.WriteAsync(frame.ToArray(), cancellationToken);
    }

    /// <exception cref="AirException">The far side answered with an error.</exception>
    public static async Task ReadAnswerAsync(Stream stream, string key, CancellationToken cancellationToken)
    {
        var status = await ReadAsync(stream, 1, cancellationToken);
        if (status[0] != Accepted)
        {
            var reason = await ReadTextAsync(stream, cancellationToken);
            throw new AirException($"The silo could not move '{key}': {reason}");
        }
    }

    private static void WriteText(MemoryStream frame, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        frame.Write(length);
        frame.Write(bytes);
    }

    private static async Task<string> ReadTextAsync(Stream stream, CancellationToken cancellationToken)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(await ReadAsync(stream, 4, cancellationToken));
        return length is < 0 or > LongestText
            ? throw new InvalidDataException($"A text of {length} bytes is announced; at most {LongestText} are taken.")
            : Encoding.UTF8.GetString(await ReadAsync(stream, length, cancellationToken));
    }

    private static async Task<byte[]> ReadAsync(Stream stream, int count, CancellationToken cancellationToken)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }
}

/// <summary>One request: what is wanted, under which secret and key; for a put, how many bytes follow.</summary>
internal sealed record DataRequest(byte Verb, string Secret, string Key, long Length);
