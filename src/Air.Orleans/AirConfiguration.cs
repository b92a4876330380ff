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

    private static ClusterUri? Read(IConfiguration configuration, string variable, string key)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return (configuration[variable] ?? configuration[key]) is { Length: > 0 } text ? ClusterUri.Parse(text) : null;
    }
}
