using System.Buffers.Binary;
using System.Text;
using Air.Orleans.Core.Placement;

namespace Air.Orleans.Core.DataPlane;

/// <summary>What is asked for on a connection.</summary>
internal enum DataVerb : byte
{
    /// <summary>The length of a content in memory, and its first bytes.</summary>
    Open = 1,

    /// <summary>A range of a content in memory.</summary>
    Range = 2,

    /// <summary>A content as a stream of pieces.</summary>
    Get = 3,

    /// <summary>A content is sent as a stream of pieces, to be kept.</summary>
    Put = 4,
}

/// <summary>One request, 40 bytes and the key: verb, zero, length of the key (2), zeros (4), offset (8), length (8), stamp (16).</summary>
internal readonly record struct DataRequest(DataVerb Verb, long Offset, long Length, UInt128 Stamp)
{
    public const int Bytes = 40;

    /// <summary>How long a frame is with this key, which is written behind it.</summary>
    /// <exception cref="AirException">The key is too long.</exception>
    public int Write(Span<byte> frame, string key)
    {
        var keyBytes = Encoding.UTF8.GetByteCount(key);
        if (keyBytes is 0 or > DataLimits.MostKeyBytes)
        {
            throw new AirException(
                $"a key of {keyBytes} bytes cannot be moved: it must have 1 to {DataLimits.MostKeyBytes}"
            );
        }

        frame[..Bytes].Clear();
        frame[0] = (byte)Verb;
        BinaryPrimitives.WriteUInt16LittleEndian(frame[2..], (ushort)keyBytes);
        BinaryPrimitives.WriteInt64LittleEndian(frame[8..], Offset);
        BinaryPrimitives.WriteInt64LittleEndian(frame[16..], Length);
        BinaryPrimitives.WriteUInt128LittleEndian(frame[24..], Stamp);
        return Bytes + Encoding.UTF8.GetBytes(key, frame[Bytes..]);
    }

    /// <exception cref="InvalidDataException">It is no request.</exception>
    public static DataRequest Read(ReadOnlySpan<byte> frame, out int keyBytes)
    {
        keyBytes = BinaryPrimitives.ReadUInt16LittleEndian(frame[2..]);
        var request = new DataRequest(
            (DataVerb)frame[0],
            BinaryPrimitives.ReadInt64LittleEndian(frame[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(frame[16..]),
            BinaryPrimitives.ReadUInt128LittleEndian(frame[24..])
        );
        return
            request.Verb is >= DataVerb.Open and <= DataVerb.Put
            && keyBytes is > 0 and <= DataLimits.MostKeyBytes
            && frame[1] == 0
            && BinaryPrimitives.ReadInt32LittleEndian(frame[4..]) == 0
            && request is { Offset: >= 0, Length: >= 0 }
            ? request
            : throw new InvalidDataException("These bytes are no request of the data plane.");
    }
}

/// <summary>
/// What begins an answer, 32 bytes: 0 or 1 for failed, zeros (3), length of what follows (4), length of the whole content (8), stamp (16).
/// After 1 follows the error's text; the stamp is 1 then where the silo has no room for what was put, 2 where it takes
/// nothing any more.
/// </summary>
internal readonly record struct DataAnswer(bool Failed, int Length, long Total, UInt128 Stamp)
{
    public const int Bytes = 32;

    private const int NoRoom = 1;
    private const int Leaves = 2;

    /// <summary>What begins the answer for an error whose text has that length.</summary>
    public static DataAnswer Of(Exception? error, int length) =>
        new(
            Failed: true,
            length,
            0,
            error switch
            {
                BlockSpaceException => NoRoom,
                SiloGoneException => Leaves,
                _ => 0,
            }
        );

    /// <summary>The error of a failed answer.</summary>
    public AirException ErrorOf(string text) =>
        Stamp == NoRoom ? new BlockSpaceException(text)
        : Stamp == Leaves ? new SiloGoneException(text)
        : new AirException(text);

    public void Write(Span<byte> frame)
    {
        frame[..Bytes].Clear();
        frame[0] = Failed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32LittleEndian(frame[4..], Length);
        BinaryPrimitives.WriteInt64LittleEndian(frame[8..], Total);
        BinaryPrimitives.WriteUInt128LittleEndian(frame[16..], Stamp);
    }

    /// <exception cref="InvalidDataException">It is no answer.</exception>
    public static DataAnswer Read(ReadOnlySpan<byte> frame)
    {
        var answer = new DataAnswer(
            frame[0] == 1,
            BinaryPrimitives.ReadInt32LittleEndian(frame[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(frame[8..]),
            BinaryPrimitives.ReadUInt128LittleEndian(frame[16..])
        );
        return
            frame[0] <= 1
            && answer.Total is >= 0 and <= DataLimits.MostContentBytes
            && answer.Length >= 0
            && answer.Length <= (answer.Failed ? DataLimits.MostTextBytes : DataLimits.MostRangeBytes)
            ? answer
            : throw new InvalidDataException("These bytes are no answer of the data plane.");
    }

    /// <summary>An error as bytes, cut where it is too long.</summary>
    public static byte[] TextOf(string message)
    {
        var text = message.Length > DataLimits.MostTextBytes / 4 ? message[..(DataLimits.MostTextBytes / 4)] : message;
        return Encoding.UTF8.GetBytes(text);
    }
}
