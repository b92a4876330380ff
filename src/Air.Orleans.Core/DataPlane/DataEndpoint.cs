using System.Globalization;
using System.Text;

namespace Air.Orleans.Core.DataPlane;

/// <summary>
/// Where a silo hands out and takes in bytes, and the secret without which it does neither. It travels only inside
/// grain calls, so whoever may call grains may fetch.
/// </summary>
[GenerateSerializer, Immutable, Alias("air.core.DataEndpoint")]
internal sealed record DataEndpoint(
    [property: Id(0)] string Host,
    [property: Id(1)] int Port,
    [property: Id(2)] string Secret
)
{
    /// <summary>Without the secret, which would end in logs.</summary>
    private bool PrintMembers(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"{Host}:{Port}");
        return true;
    }
}
