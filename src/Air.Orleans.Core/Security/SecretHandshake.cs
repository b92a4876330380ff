using System.Buffers;
using System.IO.Pipelines;
using System.Security.Authentication;
using System.Security.Cryptography;

namespace Air.Orleans.Core.Security;

/// <summary>
/// How both ends of a connection prove that they know the cluster's secret before a byte of Orleans' protocol passes. The connecting end sends
/// "AIRS", a version and a nonce; the accepting end answers with the same five bytes, a nonce of its own and its signature of both; the
/// connecting end sends its signature, and gets one byte. The signatures name their ends, so that none can be sent back to its maker.
/// </summary>
internal static class SecretHandshake
{
    /// <summary>How long both ends have.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private const int NonceBytes = 32;
    private const byte Welcome = 1;
    private static readonly byte[] Magic = [.. "AIRS"u8, 1];

    private static int AnswerBytes => Magic.Length + NonceBytes + ClusterSecret.SignatureBytes;

    /// <summary>The connecting end.</summary>
    /// <exception cref="AuthenticationException">The other end has no secret or another one, or does not believe us.</exception>
    /// <exception cref="IOException">It closed the connection before it said anything.</exception>
    public static async Task ConnectAsync(
        IDuplexPipe transport,
        ClusterSecret secret,
        CancellationToken cancellationToken
    )
    {
        var nonce = await GreetAsync(transport, cancellationToken);
        var head = await ReadAsync(transport, Magic.Length, cancellationToken);
        if (head is null)
        {
            throw new IOException("The silo closed the connection.");
        }

        if (!head.AsSpan().SequenceEqual(Magic))
        {
            throw new AuthenticationException("the silo does not ask for a cluster secret, and this process has one");
        }

        var rest = await ReadAsync(transport, NonceBytes + ClusterSecret.SignatureBytes, cancellationToken);
        if (
            rest is null
            || !secret.Verify(Signed("silo"u8, nonce, rest.AsSpan(0, NonceBytes)), rest.AsSpan(NonceBytes))
        )
        {
            throw new AuthenticationException("the silo has another cluster secret than this process");
        }

        var proof = secret.Sign(Signed("peer"u8, nonce, rest.AsSpan(0, NonceBytes)));
        await transport.Output.WriteAsync(proof, cancellationToken);
        if (await ReadAsync(transport, 1, cancellationToken) is not [Welcome])
        {
            throw new AuthenticationException("the silo did not accept this process's cluster secret");
        }
    }

    /// <summary>The accepting end.</summary>
    /// <exception cref="AuthenticationException">The other end does not know the secret.</exception>
    public static async Task AcceptAsync(
        IDuplexPipe transport,
        ClusterSecret secret,
        CancellationToken cancellationToken
    )
    {
        var hello = await ReadAsync(transport, Magic.Length + NonceBytes, cancellationToken, Magic);
        if (hello is null)
        {
            throw new AuthenticationException("it does not greet as one who knows the cluster's secret");
        }

        var nonce = hello.AsMemory(Magic.Length);
        var own = RandomNumberGenerator.GetBytes(NonceBytes);
        var answer = new byte[AnswerBytes];
        Magic.CopyTo(answer, 0);
        own.CopyTo(answer, Magic.Length);
        secret.Sign(Signed("silo"u8, nonce.Span, own)).CopyTo(answer, Magic.Length + NonceBytes);
        await transport.Output.WriteAsync(answer, cancellationToken);
        var proof = await ReadAsync(transport, ClusterSecret.SignatureBytes, cancellationToken);
        if (proof is null || !secret.Verify(Signed("peer"u8, nonce.Span, own), proof))
        {
            throw new AuthenticationException("it does not know the cluster's secret");
        }

        await transport.Output.WriteAsync(new[] { Welcome }, cancellationToken);
    }

    /// <summary>Whether the other end answers a greeting, by one who has no secret and wants to know whether he needs one.</summary>
    public static async Task<bool> IsAskedForAsync(IDuplexPipe transport, CancellationToken cancellationToken)
    {
        await GreetAsync(transport, cancellationToken);
        var head = await ReadAsync(transport, Magic.Length, cancellationToken);
        return head is not null && head.AsSpan().SequenceEqual(Magic);
    }

    private static async Task<byte[]> GreetAsync(IDuplexPipe transport, CancellationToken cancellationToken)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        await transport.Output.WriteAsync((byte[])[.. Magic, .. nonce], cancellationToken);
        return nonce;
    }

    private static byte[] Signed(ReadOnlySpan<byte> end, ReadOnlySpan<byte> connecting, ReadOnlySpan<byte> accepting) =>
        [.. end, .. connecting, .. accepting];

    /// <summary>So many bytes; null where the other end closes before, or does not begin as it must.</summary>
    private static async Task<byte[]?> ReadAsync(
        IDuplexPipe transport,
        int count,
        CancellationToken cancellationToken,
        byte[]? begin = null
    )
    {
        while (true)
        {
            var read = await transport.Input.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            var known = Math.Min(buffer.Length, begin?.Length ?? 0);
            if (known > 0 && !buffer.Slice(0, known).ToArray().AsSpan().SequenceEqual(begin.AsSpan(0, (int)known)))
            {
                transport.Input.AdvanceTo(buffer.Start);
                return null;
            }

            if (buffer.Length >= count)
            {
                var wanted = buffer.Slice(0, count);
                var bytes = wanted.ToArray();
                transport.Input.AdvanceTo(wanted.End);
                return bytes;
            }

            transport.Input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted || read.IsCanceled)
            {
                return null;
            }
        }
    }
}
