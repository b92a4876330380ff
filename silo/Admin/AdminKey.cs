using System.Net;
using System.Security.Cryptography;
using System.Text;
using Air.Orleans.Silo.Configuration;
using Microsoft.AspNetCore.Http;

namespace Air.Orleans.Silo.Admin;

/// <summary>
/// Who may read metrics and the dashboard: whoever sends the key, as a bearer token or as the password of HTTP's basic authentication, which
/// browsers ask for. Without a key, nobody, unless the settings open the port. Immutable.
/// </summary>
internal sealed class AdminKey
{
    private const string Bearer = "Bearer ";
    private const string Basic = "Basic ";

    private readonly byte[]? _hash;

    private AdminKey(bool isOpen, string? key)
    {
        IsOpen = isOpen;
        _hash = key is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(key));
    }

    /// <summary>Whether no key is asked for.</summary>
    public bool IsOpen { get; }

    public static AdminKey Of(SiloSettings settings) =>
        new(
            settings.AdminOpen,
            settings.AdminKey.Length > 0 ? settings.AdminKey
                : settings.AdminKeyFile.Length > 0 ? File.ReadAllText(settings.AdminKeyFile).Trim()
                : null
        );

    public bool Admits(HttpRequest request) =>
        IsOpen ? IsOfThisMachine(request.Host.Host)
        : _hash is null ? false
        : KeyOf(request.Headers.Authorization.ToString()) is { } key
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(key)), _hash);

    /// <summary>A page of a stranger can have its own name mean this machine, but not the machine's.</summary>
    private static bool IsOfThisMachine(string host) =>
        host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static string? KeyOf(string header)
    {
        if (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return header[Bearer.Length..].Trim();
        }

        var bytes = new byte[header.Length];
        if (
            !header.StartsWith(Basic, StringComparison.OrdinalIgnoreCase)
            || !Convert.TryFromBase64String(header[Basic.Length..].Trim(), bytes, out var length)
        )
        {
            return null;
        }

        var pair = Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2);
        return pair.Length == 2 ? pair[1] : null;
    }
}
