using Air.Orleans.Core;
using Air.Orleans.Data;
using Air.Orleans.Quickstart;
using Air.Orleans.Tests;

namespace Air.Orleans.Cluster.Tests.Hosts;

/// <summary>A cluster of two silos on two hosts that share a folder, and nothing else.</summary>
[Collection("network hosts")]
public sealed class HostClusterTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private readonly TemporaryFolder _folder = new();
    private readonly List<SiloProcess> _silos = [];
    private NetworkHosts? _hosts;
    private AirCluster? _air;

    private AirCluster Air => _air!;

    public async Task InitializeAsync()
    {
        if (!ServerPrograms.IsInstalled(ServerKind.NetworkNamespaces))
        {
            return;
        }

        _hosts = await NetworkHosts.StartAsync();
        var cluster = $"file:{Path.Combine(_folder.Path, "cluster")}";
        // Beyond loopback code is taken only from who has proved himself.
        var secret = Guid.NewGuid().ToString("N") + Guid.NewGuid().ToString("N");
        var environment = new Dictionary<string, string> { ["AIR_SECRET"] = secret };
        var starts = Enumerable
            .Range(0, 2)
            .Select(i => SiloProcess.StartAsync(cluster, host: _hosts[i], environment: environment))
            .ToList();
        foreach (var start in starts)
        {
            _silos.Add(await start);
        }

        _air = await AirCluster.ConnectAsync(
            cluster,
            timeout: SiloProcess.StartLimit,
            security: new SecurityOptions { Secret = secret }
        );
    }

    public async Task DisposeAsync()
    {
        if (_air is not null)
        {
            await _air.DisposeAsync();
        }

        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }

        if (_hosts is not null)
        {
            await _hosts.DisposeAsync();
        }

        _folder.Dispose();
    }

    [RequiresFact(ServerKind.NetworkNamespaces)]
    public async Task Dataset_OverTwoHosts_HasTheRowsOfOne()
    {
        var silos = await Air.Silos.ListAsync();
        Assert.Equal(2, silos.Select(static silo => silo.Address.Split(':')[0]).Distinct().Count());
        await using var local = await LocalAsync();
        var expected = await FirstColumnAsync(local);

        // The blocks of a split gather rows from all blocks of the file, wherever they are.
        var found = await FirstColumnAsync(Air);

        Assert.Equal(expected, found);
    }

    [RequiresFact(ServerKind.NetworkNamespaces)]
    public async Task Quickstart_OverTwoHosts_GivesTheNumbersOfOne()
    {
        var report = await new QuickstartProgram(Air, QuickstartFaultCluster.Options, new SilentProgress())
            .RunAsync()
            .WaitAsync(Limit);

        Assert.Equal(QuickstartNumbers.Of(await QuickstartFaultCluster.Undisturbed), QuickstartNumbers.Of(report));
    }

    private async Task<AirCluster> LocalAsync() =>
        await AirCluster.StartLocalAsync(
            new AirOptions
            {
                StorageFolder = Path.Combine(_folder.Path, "local"),
                Resources = new() { Cpu = 2 },
                HttpPort = null,
            }
        );

    private static async Task<List<double>> FirstColumnAsync(AirCluster air)
    {
        var data = air.Data.ReadCsv(Repository.Data, new() { BlockSizeBytes = 8_000 });
        var (train, _) = data.TrainTestSplit(testSize: 0.3, seed: 5);
        var values = new List<double>();
        await foreach (var batch in train.IterBatchesAsync())
        {
            var column = (Apache.Arrow.DoubleArray)batch.Column("mean radius");
            values.AddRange(column.Values.ToArray());
        }

        return values;
    }
}

/// <summary>One after the other: they slow down the machine's network.</summary>
[CollectionDefinition("network hosts", DisableParallelization = true)]
public sealed class NetworkHostsCollection;
