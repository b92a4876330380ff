using System.Net;
using Microsoft.Extensions.Configuration;

namespace Air.Orleans;

/// <summary>Which cluster a program belongs to, as its configuration says: the same names in silos and clients.</summary>
public static class AirConfiguration
{
    /// <summary>
    /// The cluster of the environment variable AIR_CLUSTER, else of "Air:Cluster" (appsettings); null where neither is set.
    /// </summary>
    /// <exception cref="FormatException">It is no URI of a cluster.</exception>
    public static ClusterUri? GetAirCluster(this IConfiguration configuration) =>
        Read(configuration, "AIR_CLUSTER", "Air:Cluster");

    /// <summary>
    /// The storage of the environment variable AIR_STORAGE, else of "Air:Storage" (appsettings); null where neither is set, and the cluster's
    /// own URI serves.
    /// </summary>
    /// <exception cref="FormatException">It is no URI of a storage.</exception>
    public static ClusterUri? GetAirStorage(this IConfiguration configuration) =>
        Read(configuration, "AIR_STORAGE", "Air:Storage");

    /// <summary>
    /// The address of the environment variable AIR_ADDRESS, else of "Air:Address" (appsettings), on which a silo listens and is found; null
    /// where neither is set, and it is loopback.
    /// </summary>
    /// <exception cref="FormatException">It is no address that others could connect to.</exception>
    public static IPAddress? GetAirAddress(this IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return (configuration["AIR_ADDRESS"] ?? configuration["Air:Address"]) is { Length: > 0 } text
            ? ParseAddress(text)
            : null;
    }

    /// <summary>Reads the address of a silo.</summary>
    /// <exception cref="FormatException">It is no address that others could connect to.</exception>
    public static IPAddress ParseAddress(string text) =>
        IPAddress.TryParse(text, out var address)
        && !address.Equals(IPAddress.Any)
        && !address.Equals(IPAddress.IPv6Any)
            ? address
            : throw new FormatException(
                $"'{text}' is no address of a silo: give one IP address of this machine that the other silos and the clients reach, such as "
                    + "10.0.0.5. It is listened on and told to the others, so it cannot be 0.0.0.0 or a name."
            );

    private static ClusterUri? Read(IConfiguration configuration, string variable, string key)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return (configuration[variable] ?? configuration[key]) is { Length: > 0 } text ? ClusterUri.Parse(text) : null;
    }
}
