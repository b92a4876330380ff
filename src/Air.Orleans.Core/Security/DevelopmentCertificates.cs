using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Air.Orleans.Core.Security;

/// <summary>Makes an authority and certificates of its own, for development and tests and for clusters without an authority of a company.</summary>
internal sealed class DevelopmentCertificates : IDisposable
{
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private readonly DateTimeOffset _from;
    private readonly DateTimeOffset _until;

    /// <param name="name">The authority's common name.</param>
    /// <param name="from">From when it is valid, and all that it gives out.</param>
    /// <param name="until">Until when.</param>
    public DevelopmentCertificates(string name, DateTimeOffset from, DateTimeOffset until)
    {
        (_from, _until) = (from - Skew, until);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true)
        );
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        Authority = request.CreateSelfSigned(_from, _until);
    }

    /// <summary>The authority with its private key.</summary>
    public X509Certificate2 Authority { get; }

    /// <summary>A text that nobody guesses, of 43 letters, digits, '-' and '_'.</summary>
    public static string NewSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>A certificate for servers and clients, as silos need it.</summary>
    public X509Certificate2 NewSilo(IEnumerable<string> hosts) =>
        New("silo", hosts, ClusterTls.ForServers, ClusterTls.ForClients);

    /// <summary>A certificate for clients, which no silo may show.</summary>
    public X509Certificate2 NewClient() => New("client", [], ClusterTls.ForClients);

    /// <summary>A certificate of any authority whose private key is at hand.</summary>
    public static X509Certificate2 Sign(
        X509Certificate2 authority,
        string name,
        string[] uses,
        DateTimeOffset from,
        DateTimeOffset until,
        IEnumerable<string>? hosts = null
    )
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}, O=Air.Orleans", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([.. uses.Select(static use => new Oid(use))], true)
        );
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false)
        );
        if (Names(hosts ?? []) is { } names)
        {
            request.CertificateExtensions.Add(names);
        }

        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        using var signed = request.Create(authority, from, until, serial);
        return signed.CopyWithPrivateKey(key);
    }

    public void Dispose() => Authority.Dispose();

    private X509Certificate2 New(string name, IEnumerable<string> hosts, params string[] uses) =>
        Sign(Authority, name, uses, _from, _until, hosts);

    private static X509Extension? Names(IEnumerable<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        var any = false;
        foreach (var host in hosts)
        {
            any = true;
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        return any ? names.Build() : null;
    }
}
