using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Orleans.Connections.Security;

namespace Air.Orleans.Core.Security;

/// <summary>
/// TLS and keys of HTTP endpoints. Its callers are known by their keys, not by certificates: they are not members of the cluster.
/// </summary>
internal static class HttpSecurity
{
    /// <summary>The header for a key, beside "Authorization: Bearer".</summary>
    public const string KeyHeader = "X-Api-Key";

    /// <summary>"https", or "http" where there is no certificate or a proxy has it.</summary>
    public static string SchemeOf(ClusterSecurity security) =>
        CertificateOf(security) is null ? Uri.UriSchemeHttp : Uri.UriSchemeHttps;

    /// <summary>Puts TLS in front of an endpoint, where there is a certificate.</summary>
    public static void UseTls(IConnectionBuilder endpoint, ClusterSecurity security)
    {
        if (CertificateOf(security) is not { } own)
        {
            return;
        }

        var shown = SslStreamCertificateContext.Create(own.Certificate, own.Between, offline: true);
        endpoint.UseServerTls(
            new TlsOptions
            {
                LocalCertificate = own.Certificate,
                RemoteCertificateMode = RemoteCertificateMode.NoCertificate,
                SslProtocols = ClusterTls.Protocols,
                OnAuthenticateAsServer = (_, options) =>
                {
                    var server = (SslServerAuthenticationOptions)options.SslServerAuthenticationOptions;
                    server.ServerCertificateSelectionCallback = null;
                    server.ServerCertificateContext = shown;
                },
            }
        );
    }

    /// <summary>A client that shows the process's first key, and believes the cluster's authority beside those of the system.</summary>
    public static HttpClient NewClient(ClusterSecurity security)
    {
        // A redirect must not carry the key elsewhere.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        if (security.Tls.IsOn)
        {
            handler.SslOptions.EnabledSslProtocols = ClusterTls.Protocols;
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                errors == SslPolicyErrors.None || IsOfCluster(security.Tls, certificate, chain);
        }

        var client = new HttpClient(handler);
        if (security.ApiKeys.First is { } key)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return client;
    }

    private static CertificateFile? CertificateOf(ClusterSecurity security) =>
        security.Options.HttpPlain ? null
        : security.Http is { } http ? http
        : security.Tls.IsOn ? new CertificateFile(security.Tls.Certificate!, security.Tls.Between)
        : null;

    /// <summary>Silos are found by address and need not carry it in their certificates: the authority's word is enough.</summary>
    private static bool IsOfCluster(ClusterTls tls, X509Certificate? certificate, X509Chain? shown)
    {
        if (certificate is null)
        {
            return false;
        }

        using var chain = new X509Chain { ChainPolicy = tls.PolicyFor(silosOnly: true) };
        chain.ChainPolicy.ExtraStore.AddRange(shown?.ChainPolicy.ExtraStore ?? []);
        using var copy = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return chain.Build(copy);
    }
}
