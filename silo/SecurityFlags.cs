using System.CommandLine;

namespace Air.Orleans.Silo;

/// <summary>The options of the command line for security; secrets are never among them, as others see a process's arguments.</summary>
internal sealed class SecurityFlags
{
    private readonly Option<string?> _folder = new("--tls")
    {
        Description =
            "A folder that 'air certs' made: certificates, secret and HTTP keys; else AIR_TLS, else Air:Security:Folder",
    };

    private readonly Option<string?> _certificate = new("--tls-certificate")
    {
        Description = "A PEM file with the certificate; else AIR_TLS_CERTIFICATE, else Air:Security:Certificate",
    };

    private readonly Option<string?> _key = new("--tls-key")
    {
        Description = "A PEM file with its private key; else AIR_TLS_KEY, else Air:Security:Key",
    };

    private readonly Option<string?> _authority = new("--tls-authority")
    {
        Description = "A PEM file with the cluster's authority; else AIR_TLS_AUTHORITY, else Air:Security:Authority",
    };

    private readonly Option<bool> _insecure = new("--insecure")
    {
        Description =
            "Listen beyond loopback without TLS, secret or HTTP keys: everybody on the network is trusted; else AIR_INSECURE",
    };

    private readonly bool _isSilo;

    public SecurityFlags(Command command, bool isSilo)
    {
        _isSilo = isSilo;
        command.Add(_folder);
        command.Add(_certificate);
        command.Add(_key);
        command.Add(_authority);
        if (isSilo)
        {
            command.Add(_insecure);
        }
    }

    /// <summary>What was typed, as values of the configuration that go before all others.</summary>
    public IReadOnlyDictionary<string, string?> Values(ParseResult parsed)
    {
        var values = new Dictionary<string, string?>();
        if (parsed.GetValue(_folder) is { } folder)
        {
            var role = _isSilo ? "silo" : "client";
            values["AIR_TLS_CERTIFICATE"] = Path.Combine(folder, $"{role}.pem");
            values["AIR_TLS_KEY"] = Path.Combine(folder, $"{role}.key");
            values["AIR_TLS_AUTHORITY"] = Path.Combine(folder, "authority.pem");
            AddFile("AIR_SECRET_FILE", "AIR_SECRET", Path.Combine(folder, "secret"));
            AddFile("AIR_API_KEYS_FILE", "AIR_API_KEYS", Path.Combine(folder, "api-keys"));
        }

        Add("AIR_TLS_CERTIFICATE", parsed.GetValue(_certificate));
        Add("AIR_TLS_KEY", parsed.GetValue(_key));
        Add("AIR_TLS_AUTHORITY", parsed.GetValue(_authority));
        Add("AIR_INSECURE", _isSilo && parsed.GetValue(_insecure) ? "true" : null);
        return values;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                values[name] = value;
            }
        }

        void AddFile(string name, string other, string path)
        {
            if (File.Exists(path))
            {
                values[name] = path;
                values[other] = "";
            }
        }
    }
}
