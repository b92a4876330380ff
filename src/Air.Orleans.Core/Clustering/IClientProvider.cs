namespace Air.Orleans.Core;

/// <summary>Lets clients find the silos of a cluster, for one scheme of <see cref="ClusterUri"/>.</summary>
public interface IClientProvider : ISchemeProvider
{
    /// <summary>Registers the list of gateways of a client. It connects to nothing yet.</summary>
    /// <exception cref="AirException">A secret that the scheme needs is missing from the environment.</exception>
    void ConfigureClient(IClientBuilder client, ClusterUri uri);
}
