using System.Security.Cryptography.X509Certificates;

namespace Air.Orleans.Core.Security;

/// <summary>Reads what the options name, checks that it holds together, and tells all that is wrong at once.</summary>
internal sealed class SecurityLoader
{
    private const string Certificate = "Air:Security:Certificate (AIR_TLS_CERTIFICATE)";
    private const string Key = "Air:Security:Key (AIR_TLS_KEY)";
    private const string Authority = "Air:Security:Authority (AIR_TLS_AUTHORITY)";
    private const string Secret = "Air:Security:Secret (AIR_SECRET or AIR_SECRET_FILE)";
    private const string HttpCertificate = "Air:Security:HttpCertificate (AIR_HTTP_CERTIFICATE)";
    private const string HttpKey = "Air:Security:HttpKey (AIR_HTTP_KEY)";

    private readonly SecurityOptions _options;
    private readonly bool _isSilo;
    private readonly DateTimeOffset _now;
    private readonly List<string> _faults = [];

    private SecurityLoader(SecurityOptions options, bool isSilo, TimeProvider time) =>
        (_options, _isSilo, _now) = (options, isSilo, time.GetUtcNow());

    /// <summary>Reads all files.</summary>
    /// <exception cref="AirException">Something is wrong; each fault is a line of the message.</exception>
    public static ClusterSecurity Load(SecurityOptions options, bool isSilo, TimeProvider time)
    {
        var loader = new SecurityLoader(options, isSilo, time);
        var security = loader.Load(time);
        return loader._faults.Count == 0 ? security : throw new AirException(string.Join('\n', loader._faults));
    }

    /// <summary>All that is wrong, a line each; for a host that checks its whole configuration before it starts.</summary>
    public static IReadOnlyList<string> FaultsOf(SecurityOptions options, bool isSilo, TimeProvider time)
    {
        var loader = new SecurityLoader(options, isSilo, time);
        loader.Load(time);
        return loader._faults;
    }

    private ClusterSecurity Load(TimeProvider time)
    {
        var tls = Try(LoadTls) ?? ClusterTls.Off;
        var secret = Try(LoadSecret) ?? ClusterSecret.None;
        var keys = Try(() => ApiKeyRing.Load(_options.ApiKeys, _options.ApiKeysFile, time)) ?? ApiKeyRing.Empty;
        var http = Try(LoadHttp);
        return new ClusterSecurity(_options, tls, secret, keys) { Http = http };
    }

    private T? Try<T>(Func<T?> load)
        where T : class
    {
        try
        {
            return load();
        }
        catch (SecurityFault fault)
        {
            _faults.Add(fault.Message);
            return null;
        }
    }

    private ClusterTls? LoadTls()
    {
        if (!AllOrNone((Certificate, _options.Certificate), (Key, _options.Key), (Authority, _options.Authority)))
        {
            return null;
        }

        var own = Try(() => CertificateFile.Read(Certificate, _options.Certificate!, Key, _options.Key!));
        var authorities = Try(() => CertificateFile.ReadCertificates(Authority, _options.Authority!));
        if (own is null || authorities is null)
        {
            return null;
        }

        CheckDates(Certificate, _options.Certificate!, own.Certificate);
        CheckUse(own.Certificate);
        CheckAuthority(own, authorities);
        return new ClusterTls(own.Certificate, own.Between, authorities, _options.ServerName, _options.CheckRevocation);
    }

    private ClusterSecret? LoadSecret()
    {
        if (_options.Secret is not null && _options.SecretFile is not null)
        {
            throw new SecurityFault(
                $"{Secret} is given as text and as the file '{_options.SecretFile}': give one of them."
            );
        }

        var text = _options.SecretFile is { } file ? CertificateFile.ReadText(Secret, file).Trim() : _options.Secret;
        return text is null || text.Length >= ClusterSecret.ShortestText
            ? ClusterSecret.Of(text)
            : throw new SecurityFault(
                $"{Secret}{Of(_options.SecretFile)} has {text.Length} characters and must have {ClusterSecret.ShortestText} at least: "
                    + "'air secret FILE' makes one."
            );
    }

    private CertificateFile? LoadHttp()
    {
        if (!AllOrNone((HttpCertificate, _options.HttpCertificate), (HttpKey, _options.HttpKey)))
        {
            return null;
        }

        var http = CertificateFile.Read(HttpCertificate, _options.HttpCertificate!, HttpKey, _options.HttpKey!);
        CheckDates(HttpCertificate, _options.HttpCertificate!, http.Certificate);
        return http;
    }

    /// <summary>Whether all are set; none is a choice too, and some are a fault.</summary>
    private static bool AllOrNone(params (string Name, string? Value)[] settings)
    {
        var missing = settings.Where(static it => it.Value is null).Select(static it => it.Name).ToList();
        return missing.Count == 0
            || (
                missing.Count == settings.Length
                    ? false
                    : throw new SecurityFault(
                        $"{string.Join(" and ", missing)} is not set, and {settings.First(static it => it.Value is not null).Name} is: "
                            + "give all of them, or none."
                    )
            );
    }

    private void CheckDates(string name, string path, X509Certificate2 certificate)
    {
        if (_now > certificate.NotAfter)
        {
            _faults.Add(
                $"{name}: the certificate {certificate.Subject} in '{path}' expired on {certificate.NotAfter:yyyy-MM-dd}; give a new one "
                    + "('air certs FOLDER --force' makes all anew for development)."
            );
        }
        else if (_now < certificate.NotBefore)
        {
            _faults.Add(
                $"{name}: the certificate {certificate.Subject} in '{path}' is valid from {certificate.NotBefore:yyyy-MM-dd HH:mm} only; "
                    + "give one that is valid now, or set this machine's clock."
            );
        }
    }

    private void CheckUse(X509Certificate2 certificate)
    {
        var uses = certificate
            .Extensions.OfType<X509EnhancedKeyUsageExtension>()
            .SelectMany(static it => it.EnhancedKeyUsages.Cast<System.Security.Cryptography.Oid>())
            .Select(static it => it.Value)
            .ToList();
        string?[] needed = _isSilo ? [ClusterTls.ForServers, ClusterTls.ForClients] : [ClusterTls.ForClients];
        if (uses.Count > 0 && needed.Except(uses).Any())
        {
            _faults.Add(
                $"{Certificate}: the certificate {certificate.Subject} in '{_options.Certificate}' is not meant for "
                    + $"{(_isSilo ? "a silo, which needs the extended key usages of servers and of clients" : "clients (extended key usage)")}."
            );
        }
    }

    private void CheckAuthority(CertificateFile own, X509Certificate2Collection authorities)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        // Its dates are another fault, which is told already.
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ExtraStore.AddRange(own.Between);
        if (!chain.Build(own.Certificate))
        {
            _faults.Add(
                $"{Authority}: the certificate {own.Certificate.Subject} in '{_options.Certificate}' was given out by "
                    + $"{own.Certificate.Issuer}, and not by an authority in '{_options.Authority}' "
                    + $"({string.Join(", ", authorities.Select(static it => it.Subject))}): give the authority that signed it."
            );
        }
    }

    private static string Of(string? file) => file is null ? "" : $" in '{file}'";
}
