namespace Air.Orleans.Cluster.Tests;

/// <summary>A cluster of equal silo processes, any of which may be killed, and a client of it.</summary>
internal sealed class SiloProcesses : IAsyncDisposable
{
    /// <summary>What each silo offers unless a test says otherwise; never what the machine has.</summary>
    public const string TwoCpus = "CPU=2,GPU=0";

    private readonly List<SiloProcess> _silos = [];
    private readonly string? _storage;
    private readonly string _resources;

    private SiloProcesses(string cluster, string? storage, string resources) =>
        (Cluster, _storage, _resources) = (cluster, storage, resources);

    /// <summary>The cluster's URI.</summary>
    public string Cluster { get; }

    public AirCluster Air { get; private set; } = null!;

    public IReadOnlyList<SiloProcess> All => _silos;

    /// <summary>Starts the silos at the same moment, and connects.</summary>
    public static async Task<SiloProcesses> StartAsync(
        string cluster,
        int count = 3,
        string? storage = null,
        string resources = TwoCpus
    )
    {
        var silos = new SiloProcesses(cluster, storage, resources);
        try
        {
            await silos.StartAllAsync(count);
            silos.Air = await AirCluster.ConnectAsync(cluster, timeout: SiloProcess.StartLimit);
            return silos;
        }
        catch
        {
            await silos.DisposeAsync();
            throw;
        }
    }

    /// <summary>A cluster of files in <paramref name="folder"/>.</summary>
    public static Task<SiloProcesses> StartInFolderAsync(string folder, int count = 3, string resources = TwoCpus) =>
        StartAsync($"file:{Path.Combine(folder, "cluster")}", count, resources: resources);

    /// <summary>The silo that listens on this port.</summary>
    public SiloProcess At(int siloPort) => _silos.Single(silo => silo.SiloPort == siloPort);

    /// <summary>Puts a new silo in the place of one that has ended.</summary>
    public async Task RestartAsync(SiloProcess silo)
    {
        var index = _silos.IndexOf(silo);
        _silos.RemoveAt(index);
        await silo.DisposeAsync();
        _silos.Insert(index, await SiloProcess.StartAsync(Cluster, _storage, _resources));
    }

    /// <summary>Kills all, and waits until they have ended.</summary>
    public async Task KillAllAsync()
    {
        _silos.ForEach(static silo => silo.Kill());
        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }

        _silos.Clear();
    }

    /// <summary>Starts so many silos at the same moment.</summary>
    public async Task StartAllAsync(int count)
    {
        var starts = Enumerable
            .Range(0, count)
            .Select(_ => SiloProcess.StartAsync(Cluster, _storage, _resources))
            .ToList();
        await Task.WhenAll(starts)
            .ContinueWith(
                _ =>
                    _silos.AddRange(
                        starts.Where(static start => start.IsCompletedSuccessfully).Select(static s => s.Result)
                    ),
                TaskScheduler.Default
            );
        await Task.WhenAll(starts);
    }

    /// <summary>Another client.</summary>
    public Task<AirCluster> ConnectAsync() => AirCluster.ConnectAsync(Cluster, timeout: SiloProcess.StartLimit);

    public async ValueTask DisposeAsync()
    {
        if (Air is not null)
        {
            await Air.DisposeAsync();
        }

        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }
    }
}
