using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Air.Orleans.Core.Security;

/// <summary>Says why a certificate is not believed.</summary>
internal static class RefusedCertificate
{
    public static string Describe(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            return "it shows no certificate";
        }

        var found =
            chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (all, it) => all | it.Status) ?? 0;
        string why =
            found.HasFlag(X509ChainStatusFlags.NotTimeValid)
                ? $"is valid from {Day(certificate.GetEffectiveDateString())} to {Day(certificate.GetExpirationDateString())} only"
            : found.HasFlag(X509ChainStatusFlags.UntrustedRoot) || found.HasFlag(X509ChainStatusFlags.PartialChain)
                ? $"was given out by {certificate.Issuer}, which is not the cluster's authority"
            : found.HasFlag(X509ChainStatusFlags.NotValidForUsage) ? "is not meant for this use (extended key usage)"
            : found.HasFlag(X509ChainStatusFlags.Revoked) ? "was revoked"
            : found != X509ChainStatusFlags.NoError ? $"is not believed ({found})"
            : errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
                ? "does not carry the name that is asked for"
            : $"is not believed ({errors})";
        return $"its certificate {certificate.Subject} {why}";
    }

    private static string Day(string date) =>
        DateTime.TryParse(date, out var day)
            ? day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)
            : date;
}
