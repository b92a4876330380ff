namespace Air.Orleans.Core;

/// <summary>
/// Keeps the membership of a cluster, and its storage, for one scheme of <see cref="ClusterUri"/>: which silos there are, and where clients
/// find them. The names of cluster and service (<c>ClusterOptions</c>) are set by the caller.
/// </summary>
public interface IClusterProvider : IStorageProvider, IClientProvider
{
    /// <summary>Registers the membership table of a silo. It connects to nothing yet.</summary>
    /// <exception cref="AirException">A secret that the scheme needs is missing from the environment.</exception>
    void ConfigureSilo(ISiloBuilder silo, ClusterUri uri);
}
