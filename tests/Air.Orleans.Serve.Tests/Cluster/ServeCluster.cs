using System.Net;
using System.Net.Sockets;
using System.Text;
using Air.Orleans.Core.Checkpoints;
using Air.Orleans.Core.Clustering.Membership;
using Air.Orleans.Core.Hosting;
using Air.Orleans.Serve.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Serve.Tests.Cluster;

/// <summary>Silos of this process with Core and Serve, and a storage folder of their own.</summary>
public sealed class ServeCluster : IAirCluster
{
    private readonly List<IHost> _silos = [];
    private readonly MemoryMembershipTable _table = new();
    private readonly bool _ownsFolder;

    private ServeCluster(string? folder)
    {
        _ownsFolder = folder is null;
        Folder = folder ?? Directory.CreateTempSubdirectory("air-serve-").FullName;
    }

    public string Folder { get; }

    public IServiceProvider Services => _silos[0].Services;

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(60) };

    public IReadOnlyList<IHost> Silos => _silos;

    public static async Task<ServeCluster> StartAsync(int silos = 1, string? folder = null, int? httpPort = 0)
    {
        var cluster = new ServeCluster(folder);
        for (var i = 0; i < silos; i++)
        {
            await cluster.AddSiloAsync(httpPort);
        }

        return cluster;
    }

    public async Task AddSiloAsync(int? httpPort = 0)
    {
        var host = Host.CreateEmptyApplicationBuilder(null);
        host.UseOrleans(silo =>
        {
            silo.Services.AddSingleton<IMembershipTable>(_table);
            silo.ConfigureEndpoints(IPAddress.Loopback, FreePort(), FreePort());
            silo.Services.AddAirCoreToSilo(new AirOptions { StorageFolder = Folder, HttpPort = httpPort });
            silo.Services.AddAirServeToSilo();
        });
        host.Logging.SetMinimumLevel(LogLevel.None);
        var built = host.Build();
        await built.StartAsync();
        _silos.Add(built);
    }

    /// <summary>Ends a silo in good order.</summary>
    public async Task StopSiloAsync(int index)
    {
        await _silos[index].StopAsync();
        _silos[index].Dispose();
        _silos.RemoveAt(index);
    }

    public async Task<Checkpoint> CommitAsync(CheckpointContent content)
    {
        var draft = new CheckpointManifest { Id = $"test/{Guid.NewGuid():N}" };
        return new Checkpoint(this, await Services.GetRequiredService<CheckpointStore>().CommitAsync(draft, content));
    }

    /// <summary>A checkpoint of y = 2 * (a - 10) / 5 + 3 * (b - 20) / 4 + bias.</summary>
    public Task<Checkpoint> LinearAsync(double bias = 0) => CommitAsync(LinearModels.Content(bias));

    public Task<HttpResponseMessage> PostAsync(Uri? url, string body) =>
        Http.PostAsync(url, new StringContent(body, Encoding.UTF8, "application/json"));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        foreach (var silo in Enumerable.Reverse(_silos))
        {
            await silo.StopAsync();
            silo.Dispose();
        }

        if (_ownsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
