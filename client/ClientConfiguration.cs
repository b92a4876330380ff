using Air.Orleans.Core;
using Microsoft.Extensions.Configuration;

namespace Air.Orleans.CommandLine;

/// <summary>Where a command finds its cluster: its option, else the environment, else appsettings.json in the current folder.</summary>
internal static class ClientConfiguration
{
    /// <summary>The cluster; null where none is named anywhere.</summary>
    /// <exception cref="FormatException">It is no URI of a cluster.</exception>
    public static ClusterUri? Cluster(string? option) =>
        option is { } text ? ClusterUri.Parse(text) : Configuration().GetAirCluster();

    /// <summary>The storage where it is not with the cluster; null where none is named anywhere.</summary>
    /// <exception cref="FormatException">It is no URI of a storage.</exception>
    public static ClusterUri? Storage(string? option) =>
        option is { } text ? ClusterUri.Parse(text) : Configuration().GetAirStorage();

    /// <summary>How the client proves who it is: what was typed, else the environment, else appsettings.json.</summary>
    /// <exception cref="FormatException">A value cannot be read.</exception>
    public static SecurityOptions Security(IReadOnlyDictionary<string, string?> typed) =>
        new ConfigurationBuilder()
            .AddConfiguration(Configuration())
            .AddInMemoryCollection(typed)
            .Build()
            .GetAirClientSecurity();

    private static IConfigurationRoot Configuration() =>
        new ConfigurationBuilder()
            .SetBasePath(Directory.GetCurrentDirectory())
            .AddJsonFile("appsettings.json", optional: true)
            .AddEnvironmentVariables()
            .Build();
}
