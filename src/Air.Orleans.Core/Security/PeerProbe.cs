using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Air.Orleans.Core.Security;

/// <summary>
/// Connects to a silo or gateway as Orleans would, with TLS and secret, and says where it ends: Orleans itself tries for ever and tells nobody why.
/// </summary>
internal sealed class PeerProbe(ClusterSecurity security)
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>A silo that believes us waits for our first bytes; one that does not closes the connection sooner than this.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(700);

    private const string SameSecret = "AIR_SECRET (AIR_SECRET_FILE) must be the same in silos and clients";

    private const string SetTls =
        "set Air:Security:Certificate, Key and Authority (AIR_TLS_CERTIFICATE, AIR_TLS_KEY, AIR_TLS_AUTHORITY, or AIR_TLS for a folder of 'air certs')";

    /// <summary>What a connection to <paramref name="endpoint"/> meets with, within seconds.</summary>
    public async Task<PeerAnswer> AskAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            using var client = await ConnectAsync(endpoint, limit.Token);
            return security.Tls.IsOn
                ? await OverTlsAsync(endpoint, client.GetStream(), limit.Token)
                : await InTheClearAsync(endpoint, client.GetStream(), limit.Token);
        }
        catch (SocketException error)
        {
            return new(PeerOutcome.Unreachable, $"{endpoint}: {error.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(PeerOutcome.Unreachable, $"{endpoint} does not answer");
        }
    }

    private async Task<PeerAnswer> OverTlsAsync(IPEndPoint endpoint, Stream inner, CancellationToken cancellationToken)
    {
        string? refusal = null;
        await using var stream = new SslStream(inner);
        try
        {
            await stream.AuthenticateAsClientAsync(security.Tls.NewClient(why => refusal = why), cancellationToken);
        }
        catch (Exception error) when (error is AuthenticationException or IOException)
        {
            return refusal is not null
                    ? Refused(
                        endpoint,
                        $"{refusal}: the silo is of another cluster, or Air:Security:Authority is not its authority"
                    )
                : await SpeaksTlsAsync(endpoint, cancellationToken) ? RefusesUs(endpoint)
                : Refused(endpoint, "it has no TLS, and this process has: give the silos theirs, or unset it here");
        }

        return await AboveTlsAsync(endpoint, stream, cancellationToken);
    }

    private async Task<PeerAnswer> InTheClearAsync(
        IPEndPoint endpoint,
        Stream stream,
        CancellationToken cancellationToken
    )
    {
        var answer = await AboveTlsAsync(endpoint, stream, cancellationToken);
        // One with TLS waits in silence for a beginning of it, as one without waits for Orleans' first bytes.
        var isProved = answer.Outcome == PeerOutcome.Accepted && security.Secret.IsSet;
        return !isProved && await SpeaksTlsAsync(endpoint, cancellationToken)
            ? Refused(endpoint, $"it asks for TLS, and this process has none: {SetTls}")
            : answer;
    }

    private async Task<PeerAnswer> AboveTlsAsync(
        IPEndPoint endpoint,
        Stream stream,
        CancellationToken cancellationToken
    )
    {
        var pipe = new StreamPipe(PipeReader.Create(stream), PipeWriter.Create(stream));
        try
        {
            if (security.Secret.IsSet)
            {
                await SecretHandshake.ConnectAsync(pipe, security.Secret, cancellationToken);
            }
            else if (!await StaysOpenAsync(pipe, cancellationToken))
            {
                return Closed(endpoint);
            }
            else if (await IsSecretAskedForAsync(pipe, cancellationToken))
            {
                return Refused(
                    endpoint,
                    "it asks for the cluster's secret, and this process has none: set AIR_SECRET_FILE or AIR_SECRET"
                );
            }

            return new(
                PeerOutcome.Accepted,
                $"{endpoint} accepts connections but does not answer as a silo of this cluster"
            );
        }
        catch (AuthenticationException error)
        {
            return Refused(endpoint, $"{error.Message}: {SameSecret}");
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            // Either it refuses us, or the greeting was not what it waits for.
            return await IsOpenToSilenceAsync(endpoint, cancellationToken)
                ? Refused(
                    endpoint,
                    $"the silo does not ask for a cluster secret, and this process has one: {SameSecret}"
                )
                : Closed(endpoint);
        }
    }

    /// <summary>In TLS 1.3 the one who connects hears only afterwards that his own certificate is refused.</summary>
    private PeerAnswer Closed(IPEndPoint endpoint) =>
        security.Tls.IsOn
            ? RefusesUs(endpoint)
            : new(PeerOutcome.Unreachable, $"{endpoint} accepts connections but does not answer as a silo");

    private PeerAnswer RefusesUs(IPEndPoint endpoint) =>
        Refused(
            endpoint,
            $"it refuses this process's certificate {security.Tls.Certificate!.Subject}, given out by {security.Tls.Certificate.Issuer}: it "
                + "has expired, is not of the silos' authority, or is not meant for this use"
        );

    private static PeerAnswer Refused(IPEndPoint endpoint, string why) =>
        new(PeerOutcome.Refused, $"{endpoint}: {why}");

    private static async Task<bool> IsSecretAskedForAsync(IDuplexPipe pipe, CancellationToken cancellationToken)
    {
        try
        {
            return await SecretHandshake.IsAskedForAsync(pipe, cancellationToken);
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            // The greeting is not what it waits for.
            return false;
        }
    }

    /// <summary>Whether a second connection, over which nothing is sent, is left open by the other end.</summary>
    private async Task<bool> IsOpenToSilenceAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            using var client = await ConnectAsync(endpoint, cancellationToken);
            await using var stream = new SslStream(client.GetStream());
            if (security.Tls.IsOn)
            {
                await stream.AuthenticateAsClientAsync(security.Tls.NewClient(), cancellationToken);
            }

            var reader = PipeReader.Create(security.Tls.IsOn ? stream : client.GetStream());
            return await StaysOpenAsync(new StreamPipe(reader, PipeWriter.Create(Stream.Null)), cancellationToken);
        }
        catch (Exception error) when (error is IOException or SocketException or AuthenticationException)
        {
            return false;
        }
    }

    private static async Task<bool> StaysOpenAsync(IDuplexPipe pipe, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Silence);
        try
        {
            var read = await pipe.Input.ReadAsync(limit.Token);
            pipe.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            return read.Buffer.Length > 0;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Whether a certificate is shown to one who asks by TLS.</summary>
    private static async Task<bool> SpeaksTlsAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        var shown = false;
        try
        {
            using var client = await ConnectAsync(endpoint, cancellationToken);
            await using var stream = new SslStream(client.GetStream());
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    RemoteCertificateValidationCallback = (_, certificate, _, _) => shown = certificate is not null,
                },
                cancellationToken
            );
        }
        catch (Exception error) when (error is AuthenticationException or IOException or SocketException)
        {
            // What was shown until then is the answer.
        }

        return shown;
    }

    private static async Task<TcpClient> ConnectAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ConnectLimit);
        var client = new TcpClient(endpoint.AddressFamily);
        try
        {
            await client.ConnectAsync(endpoint, limit.Token);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private sealed record StreamPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
