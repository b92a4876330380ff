using System.Net;
using Air.Orleans.Core;
using Air.Orleans.Core.Security;
using Air.Orleans.Tests;

namespace Air.Orleans.Cluster.Tests.Security;

/// <summary>Two silo processes with mutual TLS, a secret and HTTP keys, all of one folder that 'air certs' would make.</summary>
public sealed class SecureCluster : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<SiloProcess> _silos = [];

    public string Certs => Path.Combine(_folder.Path, "certs");

    public string Uri => ClusterUri.OfFolder(Path.Combine(_folder.Path, "cluster")).ToString();

    /// <summary>What a client of the cluster proves itself with.</summary>
    public SecurityOptions ClientSecurity => OfFolder(Certs, "client");

    internal IReadOnlyList<SiloProcess> Silos => _silos;

    public async Task InitializeAsync()
    {
        SecurityFolder.Create(Certs, [], days: 2, force: false, TimeProvider.System);
        for (var i = 0; i < 2; i++)
        {
            _silos.Add(await SiloProcess.StartAsync(Uri, arguments: ["--tls", Certs]));
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }

        _folder.Dispose();
    }

    public Task<AirCluster> ConnectAsync(SecurityOptions? security = null) =>
        AirCluster.ConnectAsync(Uri, timeout: SiloProcess.StartLimit, security: security ?? ClientSecurity);

    /// <summary>Another folder of that kind, of another authority.</summary>
    public string NewCerts(string name)
    {
        var folder = Path.Combine(_folder.Path, name);
        SecurityFolder.Create(folder, [], days: 2, force: true, TimeProvider.System);
        return folder;
    }

    public static SecurityOptions OfFolder(string folder, string role) =>
        new()
        {
            Certificate = Path.Combine(folder, $"{role}.pem"),
            Key = Path.Combine(folder, $"{role}.key"),
            Authority = Path.Combine(folder, "authority.pem"),
            SecretFile = Path.Combine(folder, "secret"),
            ApiKeysFile = Path.Combine(folder, "api-keys"),
        };

    /// <summary>The gateway of the first silo.</summary>
    public async Task<IPEndPoint> GatewayAsync()
    {
        await using var air = await ConnectAsync();
        var silos = await air.Silos.ListAsync();
        return new IPEndPoint(IPAddress.Loopback, silos[0].GatewayPort);
    }
}
