using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Air.Orleans.Core.Security;

namespace Air.Orleans.Core.Tests.DataPlane;

/// <summary>An authority of a test's own, and certificates that it gives out for servers and clients.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;

    public TestCertificates()
    {
        var request = new CertificateRequest("CN=test authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        var now = TimeProvider.System.GetUtcNow();
        _authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
    }

    /// <summary>What <see cref="Save"/> wrote, perhaps in another process.</summary>
    public static ClusterTls Load(string folder) =>
        Of(
            X509CertificateLoader.LoadPkcs12FromFile(Path.Combine(folder, "silo.pfx"), null),
            X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "authority.cer"))
        );

    /// <summary>Writes a certificate of this authority for another process.</summary>
    public void Save(string folder)
    {
        using var certificate = NewCertificate();
        File.WriteAllBytes(Path.Combine(folder, "silo.pfx"), certificate.Export(X509ContentType.Pfx));
        File.WriteAllBytes(Path.Combine(folder, "authority.cer"), _authority.Export(X509ContentType.Cert));
    }

    public ClusterTls NewTls() => Of(NewCertificate(), _authority);

    private static ClusterTls Of(X509Certificate2 certificate, X509Certificate2 authority) =>
        new(certificate, [], [authority], serverName: null, checkRevocation: false);

    private X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=silo", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false)
        );
        var now = TimeProvider.System.GetUtcNow();
        using var bare = request.Create(
            _authority,
            now.AddHours(-1),
            now.AddDays(1),
            RandomNumberGenerator.GetBytes(8)
        );
        return bare.CopyWithPrivateKey(key);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _key.Dispose();
    }
}
