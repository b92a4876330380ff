using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Air.Orleans.Core.Security;

/// <summary>A certificate with its private key, and what its file holds of the authorities above it.</summary>
internal sealed record CertificateFile(X509Certificate2 Certificate, X509Certificate2Collection Between)
{
    private static readonly string[] EncryptedLabels = ["ENCRYPTED PRIVATE KEY", "Proc-Type: 4,ENCRYPTED"];

    /// <summary>Reads the two files.</summary>
    /// <exception cref="SecurityFault">One cannot be read, or they do not belong together.</exception>
    public static CertificateFile Read(string name, string path, string keyName, string keyPath)
    {
        var all = ReadCertificates(name, path);
        var key = ReadText(keyName, keyPath);
        if (EncryptedLabels.Any(label => key.Contains(label, StringComparison.Ordinal)))
        {
            throw new SecurityFault(
                $"{keyName}: the key in '{keyPath}' is encrypted; give it in the clear, in a file that only this program's user can read."
            );
        }

        try
        {
            using var paired = X509Certificate2.CreateFromPem(all[0].ExportCertificatePem(), key);
            return new(Usable(paired), new X509Certificate2Collection(all.Skip(1).ToArray()));
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new SecurityFault(
                $"{keyName}: '{keyPath}' holds no private key that belongs to the certificate {all[0].Subject} in '{path}'; "
                    + "give the two files that were made together."
            );
        }
    }

    /// <summary>The certificates of a PEM file, at least one.</summary>
    /// <exception cref="SecurityFault">It cannot be read.</exception>
    public static X509Certificate2Collection ReadCertificates(string name, string path)
    {
        var text = ReadText(name, path);
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(text);
        }
        catch (CryptographicException)
        {
            all.Clear();
        }

        return all.Count > 0
            ? all
            : throw new SecurityFault($"{name}: '{path}' holds no certificate in PEM ('-----BEGIN CERTIFICATE-----').");
    }

    /// <summary>The text of a file that a setting names.</summary>
    /// <exception cref="SecurityFault">It cannot be read.</exception>
    public static string ReadText(string name, string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            var why = error is FileNotFoundException or DirectoryNotFoundException
                ? "there is no such file"
                : error.Message;
            throw new SecurityFault(
                $"{name}: '{path}' cannot be read: {why}. Give a file that is there; 'air certs FOLDER' makes all of them for development."
            );
        }
    }

    /// <summary>A copy that TLS can use: on Windows it needs a key that is in a store.</summary>
    private static X509Certificate2 Usable(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
}
