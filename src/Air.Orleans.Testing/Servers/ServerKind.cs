namespace Air.Orleans.Testing.Servers;

/// <summary>The servers that tests can start.</summary>
public enum ServerKind
{
    /// <summary>Redis, by the program redis-server.</summary>
    Redis,

    /// <summary>PostgreSQL, by the programs initdb and postgres.</summary>
    PostgreSql,

    /// <summary>Azurite, which stands in for Azure Storage, by the program azurite.</summary>
    Azurite,

    /// <summary>Hosts made of network namespaces, by the programs ip and tc of iproute2, as root on Linux.</summary>
    NetworkNamespaces,
}
