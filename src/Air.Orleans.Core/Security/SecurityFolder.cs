using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Air.Orleans.Core.Security;

/// <summary>
/// The folder that <c>air certs</c> makes and <c>--tls</c> takes: an authority, certificates of it for silos and for clients, a secret, and a
/// key for HTTP. What is secret can be read by its owner only.
/// </summary>
internal static class SecurityFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string DefaultKeyName = "default";

    private static readonly string[] Loopback =
    [
        "localhost",
        IPAddress.Loopback.ToString(),
        IPAddress.IPv6Loopback.ToString(),
    ];

    /// <summary>The files, those with secrets last.</summary>
    public static IReadOnlyList<string> Files { get; } =
    ["authority.pem", "silo.pem", "client.pem", "authority.key", "silo.key", "client.key", "secret", "api-keys"];

    /// <summary>Makes all files.</summary>
    /// <exception cref="AirException">One is there already, and <paramref name="force"/> was not given.</exception>
    public static void Create(string folder, IEnumerable<string> hosts, int days, bool force, TimeProvider time)
    {
        var there = Files.Where(file => File.Exists(Path.Combine(folder, file))).ToList();
        if (there.Count > 0 && !force)
        {
            throw new AirException(
                $"'{folder}' holds {string.Join(", ", there)} already, and silos may use them: give another folder, or --force to make all anew."
            );
        }

        Directory.CreateDirectory(folder);
        var now = time.GetUtcNow();
        using var authority = new DevelopmentCertificates(
            $"Air.Orleans development authority of {now:yyyy-MM-dd HH:mm:ss}",
            now,
            now.AddDays(days)
        );
        using var silo = authority.NewSilo(Loopback.Concat(hosts).Distinct(StringComparer.OrdinalIgnoreCase));
        using var client = authority.NewClient();
        Write(folder, "authority", authority.Authority);
        Write(folder, "silo", silo);
        Write(folder, "client", client);
        WriteSecret(Path.Combine(folder, "secret"), DevelopmentCertificates.NewSecret());
        WriteSecret(
            Path.Combine(folder, "api-keys"),
            $"# NAME=KEY in each line; a silo reads this again when it changes.\n{DefaultKeyName}={DevelopmentCertificates.NewSecret()}\n"
        );
    }

    /// <summary>Writes a file that its owner alone can read, in the place of one that is there.</summary>
    public static void WriteSecret(string path, string text)
    {
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using var writer = new StreamWriter(path, options);
        writer.Write(text);
    }

    private static void Write(string folder, string name, X509Certificate2 certificate)
    {
        File.WriteAllText(Path.Combine(folder, $"{name}.pem"), certificate.ExportCertificatePem() + "\n");
        using var key = certificate.GetECDsaPrivateKey()!;
        WriteSecret(Path.Combine(folder, $"{name}.key"), key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
