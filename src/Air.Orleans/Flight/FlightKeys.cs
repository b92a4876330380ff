using System.Security.Cryptography;
using System.Text;
using Air.Orleans.Core.Security;

namespace Air.Orleans.Flight;

/// <summary>Who may read by Flight: who shows an API key or the cluster's secret, where any is set. Thread-safe.</summary>
internal sealed class FlightKeys(SecurityOptions options, ClusterSecret secret)
{
    private const string Scheme = "Bearer ";
    private static readonly byte[] Nonce = RandomNumberGenerator.GetBytes(32);

    /// <summary>Whether nobody has to show anything.</summary>
    public bool IsOpen { get; } =
        !secret.IsSet && options is { Secret: null, SecretFile: null, ApiKeys.Count: 0, ApiKeysFile: null };

    /// <summary>Whether the value of the authorization header is "Bearer" and a key; takes the same time whatever differs.</summary>
    public bool IsKnown(string? authorization)
    {
        if (authorization is null || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var token = authorization[Scheme.Length..].Trim();
        var shown = Sign(token);
        var isKnown = false;
        foreach (var key in options.ApiKeys.Values.Concat(KeysOfFile()))
        {
            isKnown |= CryptographicOperations.FixedTimeEquals(shown, Sign(key));
        }

        return isKnown || (secret.IsSet && secret.Verify(Nonce, ClusterSecret.Of(token).Sign(Nonce)));
    }

    /// <summary>The file may change at any time; calls of Flight are few.</summary>
    private IEnumerable<string> KeysOfFile() =>
        options.ApiKeysFile is { } file
            ? File.ReadAllLines(file)
                .Select(static line => line.Split('=', 2, StringSplitOptions.TrimEntries))
                .Where(static pair => pair is [{ Length: > 0 }, { Length: > 0 }])
                .Select(static pair => pair[1])
            : [];

    private static byte[] Sign(string text) => HMACSHA256.HashData(Nonce, Encoding.UTF8.GetBytes(text));
}
