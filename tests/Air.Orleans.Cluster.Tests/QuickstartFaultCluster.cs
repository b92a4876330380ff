using Air.Orleans.Quickstart;
using Air.Orleans.Tests;

namespace Air.Orleans.Cluster.Tests;

/// <summary>The three silos that the tests of a class kill and start again, and what the quick start gives undisturbed.</summary>
public abstract class QuickstartFaultCluster : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);
    private static readonly Lazy<Task<QuickstartReport>> UndisturbedOnce = new(RunUndisturbedAsync);

    private readonly TemporaryFolder _folder = new();
    private SiloProcesses? _silos;

    internal static QuickstartOptions Options { get; } = new() { DataFile = Repository.Data, Samples = 4 };

    /// <summary>One run on an embedded cluster, for all classes.</summary>
    internal static Task<QuickstartReport> Undisturbed => UndisturbedOnce.Value;

    protected string Folder => _folder.Path;

    internal SiloProcesses Silos =>
        _silos ?? throw new InvalidOperationException("The cluster was not started: its server is not installed.");

    public virtual async Task InitializeAsync()
    {
        if (await ClusterAsync() is { } cluster)
        {
            _silos = await SiloProcesses.StartAsync(cluster, load: false);
        }
    }

    public virtual async Task DisposeAsync()
    {
        if (_silos is not null)
        {
            await _silos.DisposeAsync();
        }

        _folder.Dispose();
    }

    /// <summary>The cluster's URI; null where its server is not installed, and the tests are skipped.</summary>
    protected abstract Task<string?> ClusterAsync();

    private static async Task<QuickstartReport> RunUndisturbedAsync()
    {
        using var folder = new TemporaryFolder();
        await using var embedded = await AirCluster.StartLocalAsync(
            new()
            {
                StorageFolder = folder.Path,
                Resources = new() { Cpu = 2 },
            }
        );
        return await new QuickstartProgram(embedded, Options, new SilentProgress()).RunAsync().WaitAsync(Limit);
    }
}
