using System.Security.Cryptography;
using System.Text;

namespace Air.Orleans.Core.Security;

/// <summary>
/// The secret that all silos and clients of a cluster share. It never leaves the process: what is shown of it are signatures of nonces, and
/// its text says only whether it is set. Thread-safe.
/// </summary>
internal sealed class ClusterSecret
{
    /// <summary>Shorter ones could be guessed from a signature that was overheard.</summary>
    public const int ShortestText = 32;

    /// <summary>How many bytes a signature has.</summary>
    public const int SignatureBytes = HMACSHA256.HashSizeInBytes;

    private readonly byte[]? _key;

    private ClusterSecret(byte[]? key) => _key = key;

    /// <summary>No secret.</summary>
    public static ClusterSecret None { get; } = new(null);

    /// <summary>Whether there is one.</summary>
    public bool IsSet => _key is not null;

    /// <summary>The secret of this text; none where that is null.</summary>
    public static ClusterSecret Of(string? text) =>
        text is null
            ? None
            : new(
                HKDF.DeriveKey(
                    HashAlgorithmName.SHA256,
                    Encoding.UTF8.GetBytes(text),
                    HMACSHA256.HashSizeInBytes,
                    salt: [],
                    info: "air.orleans cluster secret 1"u8.ToArray()
                )
            );

    /// <summary>The HMAC-SHA256 of <paramref name="content"/>.</summary>
    /// <exception cref="InvalidOperationException">No secret is set.</exception>
    public byte[] Sign(ReadOnlySpan<byte> content) =>
        HMACSHA256.HashData(
            _key ?? throw new InvalidOperationException("The cluster has no secret to sign with."),
            content
        );

    /// <summary>Whether somebody with the secret signed <paramref name="content"/>; takes the same time whatever differs.</summary>
    /// <exception cref="InvalidOperationException">No secret is set.</exception>
    public bool Verify(ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature) =>
        CryptographicOperations.FixedTimeEquals(Sign(content), signature);

    public override string ToString() => IsSet ? "a cluster secret" : "no cluster secret";
}
