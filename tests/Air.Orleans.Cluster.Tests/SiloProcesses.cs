namespace Air.Orleans.Cluster.Tests;

/// <summary>A cluster of equal silo processes, any of which may be killed, and a client of it.</summary>
internal sealed class SiloProcesses : IAsyncDisposable
{
    /// <summary>What each silo offers unless a test says otherwise; never what the machine has.</summary>
    public const string TwoCpus = "CPU=2,GPU=0";

    private readonly List<SiloProcess> _silos = [];
    private readonly string? _storage;
    private readonly string _resources;
    private readonly bool _load;

    private readonly IReadOnlyList<string>? _arguments;

    private SiloProcesses(
        string cluster,
        string? storage,
        string resources,
        bool load,
        IReadOnlyList<string>? arguments
    ) => (Cluster, _storage, _resources, _load, _arguments) = (cluster, storage, resources, load, arguments);

    /// <summary>The cluster's URI.</summary>
    public string Cluster { get; }

    public AirCluster Air { get; private set; } = null!;

    public IReadOnlyList<SiloProcess> All => _silos;

    /// <summary>Starts the silos at the same moment, and connects.</summary>
    /// <param name="cluster">The cluster's URI.</param>
    /// <param name="count">How many silos.</param>
    /// <param name="storage">The storage's URI where it is not with the cluster.</param>
    /// <param name="resources">What each silo offers.</param>
    /// <param name="load">Whether the silos have the code of these tests; else it is shipped, as any user's.</param>
    /// <param name="arguments">More arguments of each silo; "{silo}" in them stands for a name that each has for itself.</param>
    public static async Task<SiloProcesses> StartAsync(
        string cluster,
        int count = 3,
        string? storage = null,
        string resources = TwoCpus,
        bool load = true,
        IReadOnlyList<string>? arguments = null
    )
    {
        var silos = new SiloProcesses(cluster, storage, resources, load, arguments);
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
    public static Task<SiloProcesses> StartInFolderAsync(
        string folder,
        int count = 3,
        string resources = TwoCpus,
        bool load = true,
        IReadOnlyList<string>? arguments = null
    ) =>
        StartAsync(
            $"file:{Path.Combine(folder, "cluster")}",
            count,
            resources: resources,
            load: load,
            arguments: arguments
        );

    /// <summary>The silo that listens on this port.</summary>
    public SiloProcess At(int siloPort) => _silos.Single(silo => silo.SiloPort == siloPort);

    /// <summary>Puts a new silo in the place of one that has ended.</summary>
    public async Task RestartAsync(SiloProcess silo)
    {
        var index = _silos.IndexOf(silo);
        _silos.RemoveAt(index);
        await silo.DisposeAsync();
        _silos.Insert(index, await SiloProcess.StartAsync(Cluster, _storage, _resources, _load, ArgumentsOfOne()));
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

    /// <summary>In the arguments "{silo}" stands for a name that each silo has for itself.</summary>
    private string[] ArgumentsOfOne()
    {
        var name = Guid.NewGuid().ToString("N");
        return [.. (_arguments ?? []).Select(argument => argument.Replace("{silo}", name, StringComparison.Ordinal))];
    }

    /// <summary>Starts so many silos at the same moment.</summary>
    public async Task StartAllAsync(int count)
    {
        var starts = Enumerable
            .Range(0, count)
            .Select(_ => SiloProcess.StartAsync(Cluster, _storage, _resources, _load, ArgumentsOfOne()))
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
