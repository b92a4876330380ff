using System.Security.Cryptography;

namespace Air.Orleans.Core.Shipping;

/// <summary>
/// An object or delegate of the user, packed for a grain message. Equal content has an equal
/// <see cref="ContentHash"/>, by which a silo keeps what it has unpacked or loaded already.
/// </summary>
[GenerateSerializer, Immutable, Alias("air.core.ShippedObject")]
internal sealed record ShippedObject(
    [property: Id(0)] string Description,
    [property: Id(1)] byte[] Payload,
    [property: Id(2)] string? Bundle = null
)
{
    /// <summary>SHA-256 of the payload, in hexadecimal. The payload names the builds of the code, so the bundle adds nothing.</summary>
    public string ContentHash => Convert.ToHexString(SHA256.HashData(Payload));

    /// <summary>The object without where its code is: the same whichever silos happened to have that.</summary>
    public ShippedObject WithoutBundle() => this with { Bundle = null };
}
