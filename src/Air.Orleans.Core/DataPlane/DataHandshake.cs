using System.Security.Cryptography;
using System.Text;
using Air.Orleans.Core.Security;

namespace Air.Orleans.Core.DataPlane;

/// <summary>
/// How both ends of a connection prove that they know the silo's data secret, and the cluster's secret where one is set, without showing them.
/// The silo greets with a nonce; the client answers with one of its own and an HMAC over both; the silo answers with another HMAC over both.
/// A recorded handshake is worth nothing, as each silo greets with a nonce that was never used.
/// </summary>
/// <remarks>
/// Greeting (40 bytes): magic, version, 3 zeros, nonce. Hello (72): magic, version, 3 zeros, nonce, proof. Welcome (33): 0 and a proof, or 1
/// and zeros.
/// </remarks>
internal static class DataHandshake
{
    public const int NonceBytes = 32;
    public const int ProofBytes = HMACSHA256.HashSizeInBytes;
    public const int GreetingBytes = HeadBytes + NonceBytes;
    public const int HelloBytes = HeadBytes + NonceBytes + ProofBytes;
    public const int WelcomeBytes = 1 + ProofBytes;

    private const int HeadBytes = 8;
    private const byte Version = 2;

    private static ReadOnlySpan<byte> Magic => "AIRD"u8;

    /// <summary>The key of all proofs at an endpoint.</summary>
    public static byte[] KeyOf(string endpointSecret, ClusterSecret cluster)
    {
        byte[] content = [.. "air.orleans data 2 "u8, .. Encoding.UTF8.GetBytes(endpointSecret)];
        return cluster.IsSet
            ? cluster.Sign(content)
            : HMACSHA256.HashData(Encoding.UTF8.GetBytes(endpointSecret), content);
    }

    public static void WriteGreeting(Span<byte> frame)
    {
        WriteHead(frame);
        RandomNumberGenerator.Fill(frame[HeadBytes..GreetingBytes]);
    }

    /// <exception cref="InvalidDataException">It greets not as this version of the data plane.</exception>
    public static ReadOnlySpan<byte> ReadGreeting(ReadOnlySpan<byte> frame)
    {
        CheckHead(frame);
        return frame[HeadBytes..GreetingBytes];
    }

    public static void WriteHello(Span<byte> frame, ReadOnlySpan<byte> key, ReadOnlySpan<byte> serverNonce)
    {
        WriteHead(frame);
        var nonce = frame.Slice(HeadBytes, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        Prove(key, "client"u8, serverNonce, nonce, frame[(HeadBytes + NonceBytes)..HelloBytes]);
    }

    /// <summary>The nonce of a hello.</summary>
    public static ReadOnlySpan<byte> NonceOf(ReadOnlySpan<byte> hello) => hello.Slice(HeadBytes, NonceBytes);

    /// <summary>Whether the hello is of one who knows the key.</summary>
    /// <exception cref="InvalidDataException">It is no hello of this version.</exception>
    public static bool IsProved(ReadOnlySpan<byte> hello, ReadOnlySpan<byte> key, ReadOnlySpan<byte> serverNonce)
    {
        CheckHead(hello);
        Span<byte> expected = stackalloc byte[ProofBytes];
        Prove(key, "client"u8, serverNonce, NonceOf(hello), expected);
        return CryptographicOperations.FixedTimeEquals(expected, hello[(HeadBytes + NonceBytes)..HelloBytes]);
    }

    public static void WriteWelcome(
        Span<byte> frame,
        bool accepted,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> serverNonce,
        ReadOnlySpan<byte> clientNonce
    )
    {
        frame[..WelcomeBytes].Clear();
        frame[0] = accepted ? (byte)0 : (byte)1;
        if (accepted)
        {
            Prove(key, "silo"u8, serverNonce, clientNonce, frame[1..WelcomeBytes]);
        }
    }

    /// <exception cref="AirException">The silo refuses, or is not the one that it should be.</exception>
    public static void CheckWelcome(
        ReadOnlySpan<byte> frame,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> serverNonce,
        ReadOnlySpan<byte> clientNonce
    )
    {
        if (frame[0] != 0)
        {
            throw new AirException(
                "wrong secret: this process and the silo have different data or cluster secrets. Set AIR_SECRET to the same in both"
            );
        }

        Span<byte> expected = stackalloc byte[ProofBytes];
        Prove(key, "silo"u8, serverNonce, clientNonce, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, frame[1..WelcomeBytes]))
        {
            throw new AirException("wrong secret: what answers there does not know the silo's, so it is not the silo");
        }
    }

    private static void Prove(
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> who,
        ReadOnlySpan<byte> serverNonce,
        ReadOnlySpan<byte> clientNonce,
        Span<byte> proof
    )
    {
        Span<byte> content = stackalloc byte[(2 * NonceBytes) + 7];
        serverNonce.CopyTo(content);
        clientNonce.CopyTo(content[NonceBytes..]);
        content[2 * NonceBytes] = Version;
        who.CopyTo(content[((2 * NonceBytes) + 1)..]);
        HMACSHA256.HashData(key, content[..((2 * NonceBytes) + 1 + who.Length)], proof);
    }

    private static void WriteHead(Span<byte> frame)
    {
        frame[..HeadBytes].Clear();
        Magic.CopyTo(frame);
        frame[Magic.Length] = Version;
    }

    private static void CheckHead(ReadOnlySpan<byte> frame)
    {
        if (!frame.StartsWith(Magic))
        {
            throw new InvalidDataException(
                "The first bytes are none of the data plane: the port belongs to another program, or only one end has TLS on."
            );
        }

        if (frame[Magic.Length] != Version)
        {
            throw new InvalidDataException(
                $"The other end speaks version {frame[Magic.Length]} of the data plane, this one {Version}: run the same build."
            );
        }
    }
}
