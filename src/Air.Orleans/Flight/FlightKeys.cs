using System.Security.Cryptography;
using Air.Orleans.Core.Security;

namespace Air.Orleans.Flight;

/// <summary>Who may read by Flight: who shows an API key or the cluster's secret, where any is set. Thread-safe.</summary>
internal sealed class FlightKeys(ApiKeyRing keys, ClusterSecret secret)
{
    private const string Scheme = "Bearer ";
    private static readonly byte[] Nonce = RandomNumberGenerator.GetBytes(32);

    /// <summary>Whether nobody has to show anything.</summary>
    public bool IsOpen => !secret.IsSet && !keys.IsSet;

    /// <summary>Whether the value of the authorization header is "Bearer" and a key; takes the same time whatever differs.</summary>
    public bool IsKnown(string? authorization)
    {
        if (authorization is null || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var token = authorization[Scheme.Length..].Trim();
        var isKey = keys.NameOf(token) is not null;
        return (secret.IsSet && secret.Verify(Nonce, ClusterSecret.Of(token).Sign(Nonce))) || isKey;
    }
}
