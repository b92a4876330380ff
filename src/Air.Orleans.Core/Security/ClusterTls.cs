using System.Net.Security;

namespace Air.Orleans.Core.Security;

/// <summary>
/// How a process proves to the others of its cluster who it is, and checks who they are: mutual TLS, the same for silos, gateways, clients and
/// the data plane. Off by default. One for each process's services; thread-safe.
/// </summary>
internal sealed class ClusterTls
{
    /// <summary>No TLS.</summary>
    public static ClusterTls Off { get; } = new();

    /// <summary>Whether connections are encrypted and both ends show certificates.</summary>
    public bool IsOn => Server is not null;

    /// <summary>What the accepting end of a connection uses; null while TLS is off.</summary>
    public SslServerAuthenticationOptions? Server { get; private init; }

    /// <summary>What the connecting end uses; null while TLS is off.</summary>
    public SslClientAuthenticationOptions? Client { get; private init; }
}
