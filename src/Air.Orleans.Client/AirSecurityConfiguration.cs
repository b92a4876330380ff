using Microsoft.Extensions.Configuration;

namespace Air.Orleans;

/// <summary>How a program proves who it is, as its configuration says: the same names in silos and clients (docs/security.md).</summary>
public static class AirSecurityConfiguration
{
    private const string Section = "Air:Security:";

    /// <summary>The environment variables that are read here.</summary>
    internal static IReadOnlyList<string> Variables { get; } =
    [
        "AIR_TLS",
        "AIR_TLS_CERTIFICATE",
        "AIR_TLS_KEY",
        "AIR_TLS_AUTHORITY",
        "AIR_TLS_SERVER_NAME",
        "AIR_TLS_CHECK_REVOCATION",
        "AIR_SECRET",
        "AIR_SECRET_FILE",
        "AIR_API_KEYS",
        "AIR_API_KEYS_FILE",
        "AIR_HTTP_CERTIFICATE",
        "AIR_HTTP_KEY",
        "AIR_HTTP_PLAIN",
        "AIR_INSECURE",
        "AIR_ALLOWED_CODE",
    ];

    /// <summary>
    /// The security of a silo: of the variables AIR_TLS (a folder that <c>air certs</c> made), AIR_TLS_CERTIFICATE, AIR_SECRET_FILE and so on,
    /// else of the keys of "Air:Security" (appsettings). The files are read when the silo is built.
    /// </summary>
    /// <exception cref="FormatException">A value cannot be read.</exception>
    public static SecurityOptions GetAirSiloSecurity(this IConfiguration configuration) => Read(configuration, "silo");

    /// <summary>The security of a client, under the same names.</summary>
    /// <exception cref="FormatException">A value cannot be read.</exception>
    public static SecurityOptions GetAirClientSecurity(this IConfiguration configuration) =>
        Read(configuration, "client");

    /// <summary>What the environment says of this process, for programs without a configuration.</summary>
    internal static IConfiguration OfEnvironment() => new ConfigurationBuilder().AddEnvironmentVariables().Build();

    private static SecurityOptions Read(IConfiguration configuration, string role)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var (folder, certificate) = (Get("AIR_TLS", "Folder"), Get("AIR_TLS_CERTIFICATE", "Certificate"));
        var (secret, secretFile) = (Get("AIR_SECRET", "Secret"), Get("AIR_SECRET_FILE", "SecretFile"));
        var (keys, keysFile) = (ApiKeys(configuration), Get("AIR_API_KEYS_FILE", "ApiKeysFile"));
        return new SecurityOptions
        {
            Certificate = certificate ?? In(folder, $"{role}.pem"),
            Key = Get("AIR_TLS_KEY", "Key") ?? (certificate is null ? In(folder, $"{role}.key") : null),
            Authority = Get("AIR_TLS_AUTHORITY", "Authority") ?? In(folder, "authority.pem"),
            ServerName = Get("AIR_TLS_SERVER_NAME", "ServerName"),
            CheckRevocation = Flag("AIR_TLS_CHECK_REVOCATION", "CheckRevocation"),
            Secret = secret,
            SecretFile = secretFile ?? (secret is null ? IfThere(In(folder, "secret")) : null),
            ApiKeys = keys,
            ApiKeysFile = keysFile ?? (keys.Count == 0 ? IfThere(In(folder, "api-keys")) : null),
            HttpCertificate = Get("AIR_HTTP_CERTIFICATE", "HttpCertificate"),
            HttpKey = Get("AIR_HTTP_KEY", "HttpKey"),
            HttpPlain = Flag("AIR_HTTP_PLAIN", "HttpPlain"),
            AllowInsecure = Flag("AIR_INSECURE", "AllowInsecure"),
            AllowedCode = AllowedCode(configuration),
        };

        string? Get(string variable, string key) =>
            (configuration[variable] ?? configuration[Section + key]) is { Length: > 0 } text ? text : null;

        bool Flag(string variable, string key) =>
            Get(variable, key) switch
            {
                null => false,
                { } text when bool.TryParse(text, out var value) => value,
                "1" => true,
                "0" => false,
                { } text => throw new FormatException(
                    $"{variable} ({Section}{key}) is '{text}' and must be true or false."
                ),
            };
    }

    private static string? In(string? folder, string file) => folder is null ? null : Path.Combine(folder, file);

    private static string? IfThere(string? file) => File.Exists(file) ? file : null;

    /// <summary>AIR_API_KEYS="web=KEY,batch=KEY", or "Air:Security:ApiKeys" as an object of names and keys.</summary>
    private static Dictionary<string, string> ApiKeys(IConfiguration configuration)
    {
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        if (configuration["AIR_API_KEYS"] is not { Length: > 0 } text)
        {
            foreach (var child in configuration.GetSection(Section + "ApiKeys").GetChildren())
            {
                keys[child.Key] = child.Value ?? "";
            }

            return keys;
        }

        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var cut = part.IndexOf('=', StringComparison.Ordinal);
            if (cut < 1 || !keys.TryAdd(part[..cut], part[(cut + 1)..]))
            {
                // Not repeated: it may be a key.
                throw new FormatException(
                    "AIR_API_KEYS must be NAME=KEY, several with commas between, each name once."
                );
            }
        }

        return keys;
    }

    private static string[] AllowedCode(IConfiguration configuration) =>
        configuration["AIR_ALLOWED_CODE"] is { Length: > 0 } text
            ? text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            :
            [
                .. configuration
                    .GetSection(Section + "AllowedCode")
                    .GetChildren()
                    .Select(static child => child.Value)
                    .OfType<string>(),
            ];
}
