using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Air.Orleans.Core.Security;

namespace Air.Orleans.Cluster.Tests.Security;

/// <summary>
/// A peer that means no good, or is broken: it connects to the ports of a silo with the wrong certificate or secret, or with the right ones and
/// then with what is no frame of any protocol. The same seed sends the same; loopback only.
/// </summary>
/// <param name="ports">The ports of the silo.</param>
/// <param name="member">What a member of the cluster has.</param>
/// <param name="stranger">What a member of another cluster has.</param>
/// <param name="seed">Seeds all choices.</param>
internal sealed class PeerFuzz(
    IReadOnlyList<IPEndPoint> ports,
    ClusterSecurity member,
    ClusterSecurity stranger,
    int seed
)
{
    private const int Peers = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private int _connections;

    /// <summary>How many connections were made.</summary>
    public int Connections => _connections;

    /// <summary>Goes on until it is cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(
            Enumerable
                .Range(0, Peers)
                .Select(peer => Task.Run(() => RunAsync(new Random(seed * 31 + peer), cancellationToken), default))
        );

    private async Task RunAsync(Random random, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Patience);
            try
            {
                await AttackAsync(ports[random.Next(ports.Count)], random, limit.Token);
            }
            catch (Exception error)
                when (error
                        is IOException
                            or SocketException
                            or AuthenticationException
                            or OperationCanceledException
                            or InvalidOperationException
                )
            {
                // To be refused is what this peer is for.
            }
        }
    }

    private async Task AttackAsync(IPEndPoint port, Random random, CancellationToken cancellationToken)
    {
        using var client = new TcpClient(port.AddressFamily);
        await client.ConnectAsync(port, cancellationToken);
        Interlocked.Increment(ref _connections);
        if (random.Next(4) == 0)
        {
            // Ends by a reset, in the middle of whatever it is.
            client.LingerState = new LingerOption(true, 0);
        }

        var raw = client.GetStream();
        switch (random.Next(6))
        {
            case 0:
                await SendAsync(raw, random, cancellationToken);
                break;
            case 1:
                await raw.WriteAsync(ClientHello(random), cancellationToken);
                break;
            case 2:
                await OverTlsAsync(raw, stranger, random, cancellationToken);
                break;
            case 3:
                await using (var anonymous = new SslStream(raw))
                {
                    var options = new SslClientAuthenticationOptions
                    {
                        RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
                    };
                    await anonymous.AuthenticateAsClientAsync(options, cancellationToken);
                    await SendAsync(anonymous, random, cancellationToken);
                }

                break;
            default:
                await OverTlsAsync(raw, member, random, cancellationToken);
                break;
        }
    }

    private static async Task OverTlsAsync(
        NetworkStream raw,
        ClusterSecurity identity,
        Random random,
        CancellationToken cancellationToken
    )
    {
        if (!identity.Tls.IsOn)
        {
            await InsideAsync(raw, identity, random, cancellationToken);
            return;
        }

        await using var stream = new SslStream(raw);
        var options = identity.Tls.NewClient();
        // A stranger takes whatever the silo shows.
        options.RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is X509Certificate;
        await stream.AuthenticateAsClientAsync(options, cancellationToken);
        await InsideAsync(stream, identity, random, cancellationToken);
    }

    private static async Task InsideAsync(
        Stream stream,
        ClusterSecurity identity,
        Random random,
        CancellationToken cancellationToken
    )
    {
        if (identity.Secret.IsSet && random.Next(3) > 0)
        {
            var pipe = new Ends(PipeReader.Create(stream), PipeWriter.Create(stream));
            await SecretHandshake.ConnectAsync(pipe, identity.Secret, cancellationToken);
        }

        await SendAsync(stream, random, cancellationToken);
    }

    /// <summary>Sends what is no frame, or one too large, and sometimes waits for what comes back.</summary>
    private static async Task SendAsync(Stream stream, Random random, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Garbage(random), cancellationToken);
        if (random.Next(3) > 0)
        {
            var answer = new byte[4096];
            _ = await stream.ReadAsync(answer, cancellationToken);
            await stream.WriteAsync(Garbage(random), cancellationToken);
        }
    }

    private static byte[] Garbage(Random random) =>
        random.Next(9) switch
        {
            0 => Noise(random, random.Next(1, 64 * 1024)),
            1 => [.. Lengths(int.MaxValue, int.MaxValue), .. Noise(random, 64)],
            2 => [.. Lengths(-1, random.Next()), .. Noise(random, 64)],
            3 => [.. Lengths(random.Next(1, 4096), 200_000_000), .. Noise(random, 8192)],
            4 => [.. "AIRD"u8, (byte)random.Next(4), .. Lengths(random.Next(), 0), .. Noise(random, 256)],
            5 => [.. "AIRS"u8, (byte)random.Next(3), .. Noise(random, random.Next(200))],
            6 => Encoding.ASCII.GetBytes(
                $"POST /-/routes HTTP/1.1\r\nHost: x\r\nX-Api-Key: {new string('k', random.Next(40_000))}\r\n\r\n"
            ),
            7 => Encoding.ASCII.GetBytes(
                "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFF\r\nabc"
            ),
            _ => Encoding.ASCII.GetBytes(
                "GET /-/healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999\r\n\r\n"
            ),
        };

    /// <summary>The beginning of a TLS handshake, with lengths that do not hold.</summary>
    private static byte[] ClientHello(Random random) =>
        [
            22,
            3,
            (byte)random.Next(5),
            (byte)random.Next(256),
            (byte)random.Next(256),
            1,
            .. Noise(random, random.Next(600)),
        ];

    private static byte[] Lengths(int first, int second)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, first);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), second);
        return bytes;
    }

    private static byte[] Noise(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
