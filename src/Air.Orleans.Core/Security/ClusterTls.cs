using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Air.Orleans.Core.Security;

/// <summary>
/// How a process proves to the others of its cluster who it is, and checks who they are: mutual TLS, the same for silos, gateways, clients and
/// the data plane. Off by default. One for each process's services; thread-safe.
/// </summary>
internal sealed class ClusterTls
{
    /// <summary>TLS 1.3, and 1.2 for systems without it.</summary>
    public const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>The extended key usage of certificates that silos show to those who connect to them.</summary>
    public const string ForServers = "1.3.6.1.5.5.7.3.1";

    /// <summary>The extended key usage of certificates that silos and clients show to a silo.</summary>
    public const string ForClients = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2Collection _authorities = [];
    private readonly SslStreamCertificateContext? _own;
    private readonly string? _serverName;
    private readonly bool _checkRevocation;

    private ClusterTls() { }

    /// <param name="certificate">This process's certificate with its private key, for servers, clients or both.</param>
    /// <param name="between">The certificates of authorities between it and the cluster's own.</param>
    /// <param name="authorities">The cluster's own authorities; no others are believed.</param>
    /// <param name="serverName">A name that every silo's certificate must carry; null for any.</param>
    /// <param name="checkRevocation">Whether the authority is asked what it has revoked.</param>
    public ClusterTls(
        X509Certificate2 certificate,
        X509Certificate2Collection between,
        X509Certificate2Collection authorities,
        string? serverName,
        bool checkRevocation
    )
    {
        (_authorities, _serverName, _checkRevocation) = (authorities, serverName, checkRevocation);
        Between = between;
        Certificate = certificate;
        _own = SslStreamCertificateContext.Create(certificate, between, offline: true);
        Server = NewServer();
        Client = NewClient();
    }

    /// <summary>No TLS.</summary>
    public static ClusterTls Off { get; } = new();

    /// <summary>Whether connections are encrypted and both ends show certificates.</summary>
    public bool IsOn => Server is not null;

    /// <summary>This process's certificate; null while TLS is off.</summary>
    public X509Certificate2? Certificate { get; }

    /// <summary>The certificates of authorities between it and the cluster's own.</summary>
    public X509Certificate2Collection Between { get; } = [];

    /// <summary>The certificate with those between it and the authority, as TLS shows it; null while TLS is off.</summary>
    public SslStreamCertificateContext? Shown => _own;

    /// <summary>What the accepting end of a connection uses, which takes silos and clients; null while TLS is off.</summary>
    public SslServerAuthenticationOptions? Server { get; }

    /// <summary>What the connecting end uses, which takes silos only; null while TLS is off.</summary>
    public SslClientAuthenticationOptions? Client { get; }

    /// <summary>Whom this process takes for a silo (that it connects to), or for a silo or client (that connects to it).</summary>
    public X509ChainPolicy PolicyFor(bool silosOnly)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = _checkRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck,
            DisableCertificateDownloads = !_checkRevocation,
        };
        policy.CustomTrustStore.AddRange(_authorities);
        policy.ApplicationPolicy.Add(new Oid(silosOnly ? ForServers : ForClients));
        return policy;
    }

    /// <summary>Whether the errors that the system found are none of ours: a name counts only where one is asked for.</summary>
    public bool IsAccepted(SslPolicyErrors errors) =>
        (_serverName is null ? errors & ~SslPolicyErrors.RemoteCertificateNameMismatch : errors)
        == SslPolicyErrors.None;

    /// <summary>The connecting end's options, for one who wants to hear why a certificate is refused.</summary>
    public SslClientAuthenticationOptions NewClient(Action<string>? refused = null) =>
        new()
        {
            TargetHost = _serverName,
            ClientCertificateContext = _own,
            EnabledSslProtocols = Protocols,
            CertificateChainPolicy = PolicyFor(silosOnly: true),
            CertificateRevocationCheckMode = _checkRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                IsAccepted(errors) || Refuse(refused, certificate, chain, errors),
        };

    private SslServerAuthenticationOptions NewServer() =>
        new()
        {
            ServerCertificateContext = _own,
            ClientCertificateRequired = true,
            EnabledSslProtocols = Protocols,
            CertificateChainPolicy = PolicyFor(silosOnly: false),
            CertificateRevocationCheckMode = _checkRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = static (_, certificate, _, errors) =>
                certificate is not null && errors == SslPolicyErrors.None,
        };

    private static bool Refuse(
        Action<string>? refused,
        X509Certificate? certificate,
        X509Chain? chain,
        SslPolicyErrors errors
    )
    {
        refused?.Invoke(RefusedCertificate.Describe(certificate, chain, errors));
        return false;
    }
}
