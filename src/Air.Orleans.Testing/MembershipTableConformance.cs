using System.Net;
using Air.Orleans.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Air.Orleans.Testing;

/// <summary>
/// What Orleans' membership protocol relies on, as tests: derive a class and name a cluster (or make a table), and xunit runs them. Servers
/// are named by a <see cref="RequiresAttribute"/> on that class. Each test has a cluster id of its own.
/// </summary>
public abstract class MembershipTableConformance : IAsyncLifetime
{
    private static readonly DateTime Start = new(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);
    private static int _silos;

    private readonly string _clusterId = $"test-{Guid.NewGuid():N}";
    private readonly List<IHost> _hosts = [];

    /// <summary>The place of the cluster, without "?cluster="; the suite adds it.</summary>
    protected abstract string Place { get; }

    /// <summary>Makes the tables, where the provider needs that.</summary>
    public virtual async Task InitializeAsync()
    {
        var uri = Uri;
        await ClusterProviders.StorageOf(uri).InitializeAsync(uri, CancellationToken.None);
    }

    /// <inheritdoc/>
    public virtual async Task DisposeAsync()
    {
        foreach (var host in _hosts.OfType<IAsyncDisposable>())
        {
            await host.DisposeAsync();
        }
    }

    private ClusterUri Uri => ClusterUri.Parse($"{Place}?cluster={_clusterId}");

    /// <summary>An empty table that was never read has no silo, and a version.</summary>
    [RequiresFact]
    public async Task ReadAll_EmptyTable_HasNoSilo()
    {
        var table = await OpenAsync();

        var all = await table.ReadAllAsync();

        Assert.Empty(all.Members);
        Assert.Equal(0, all.Version.Version);
    }

    /// <summary>What was inserted is read whole, by another opening of the table too.</summary>
    [RequiresFact]
    public async Task InsertRow_NewSilo_IsReadWhole()
    {
        var table = await OpenAsync();
        var entry = Entry();

        Assert.True(await InsertAsync(table, entry));

        foreach (var reader in new[] { table, await OpenAsync() })
        {
            var row = Assert.Single((await reader.ReadRowAsync(entry.SiloAddress)).Members);
            Assert.Equal(entry.SiloAddress, row.Item1.SiloAddress);
            Assert.Equal(entry.Status, row.Item1.Status);
            Assert.Equal(entry.ProxyPort, row.Item1.ProxyPort);
            Assert.Equal(entry.HostName, row.Item1.HostName);
            Assert.Equal(entry.SiloName, row.Item1.SiloName);
            Assert.Equal(entry.StartTime, row.Item1.StartTime);
            Assert.Equal(entry.IAmAliveTime, row.Item1.IAmAliveTime);
            Assert.NotEmpty(row.Item2);
            Assert.Single((await reader.ReadAllAsync()).Members);
        }
    }

    /// <summary>A silo has one row.</summary>
    [RequiresFact]
    public async Task InsertRow_SiloThatIsThere_IsRefused()
    {
        var table = await OpenAsync();
        var entry = Entry();
        Assert.True(await InsertAsync(table, entry));

        Assert.False(await InsertAsync(table, entry));

        Assert.Equal(1, (await table.ReadAllAsync()).Version.Version);
    }

    /// <summary>Who inserts by an old view must look again.</summary>
    [RequiresFact]
    public async Task InsertRow_TableChangedMeanwhile_IsRefused()
    {
        var table = await OpenAsync();
        var old = (await table.ReadAllAsync()).Version.Next();
        Assert.True(await table.InsertRowAsync(Entry(), old));

        Assert.False(await table.InsertRowAsync(Entry(), old));

        Assert.Single((await table.ReadAllAsync()).Members);
    }

    /// <summary>An update changes row and version together.</summary>
    [RequiresFact]
    public async Task UpdateRow_CurrentView_ChangesRowAndVersion()
    {
        var table = await OpenAsync();
        var entry = Entry();
        await InsertAsync(table, entry);
        var before = await table.ReadRowAsync(entry.SiloAddress);
        var voter = Entry().SiloAddress;
        entry.Status = SiloStatus.Active;
        entry.SuspectTimes = [Tuple.Create(voter, Start)];

        Assert.True(await table.UpdateRowAsync(entry, before.Members[0].Item2, before.Version.Next()));

        var after = await table.ReadRowAsync(entry.SiloAddress);
        Assert.Equal(SiloStatus.Active, after.Members[0].Item1.Status);
        Assert.Equal(Tuple.Create(voter, Start), Assert.Single(after.Members[0].Item1.SuspectTimes!));
        Assert.Equal(before.Version.Version + 1, after.Version.Version);
        Assert.NotEqual(before.Version.VersionEtag, after.Version.VersionEtag);
    }

    /// <summary>A process that woke up late changes nothing: not by its old table version, nor by its old row.</summary>
    [RequiresFact]
    public async Task UpdateRow_ChangedMeanwhile_IsRefused()
    {
        var table = await OpenAsync();
        var entry = Entry();
        await InsertAsync(table, entry);
        var stale = await table.ReadRowAsync(entry.SiloAddress);
        entry.Status = SiloStatus.Dead;
        Assert.True(await table.UpdateRowAsync(entry, stale.Members[0].Item2, stale.Version.Next()));

        entry.Status = SiloStatus.Active;
        Assert.False(await table.UpdateRowAsync(entry, stale.Members[0].Item2, stale.Version.Next()));

        Assert.Equal(SiloStatus.Dead, (await table.ReadRowAsync(entry.SiloAddress)).Members[0].Item1.Status);
    }

    /// <summary>What is not there cannot be updated.</summary>
    [RequiresFact]
    public async Task UpdateRow_SiloThatIsNotThere_IsRefused()
    {
        var table = await OpenAsync();
        await InsertAsync(table, Entry());

        var all = await table.ReadAllAsync();
        Assert.False(await table.UpdateRowAsync(Entry(), all.Members[0].Item2, all.Version.Next()));
    }

    /// <summary>A sign of life changes no version, so that it conflicts with no update.</summary>
    [RequiresFact]
    public async Task UpdateIAmAlive_BetweenReadAndUpdate_DoesNotConflict()
    {
        var table = await OpenAsync();
        var entry = Entry();
        await InsertAsync(table, entry);
        var before = await table.ReadRowAsync(entry.SiloAddress);
        var alive = Entry();
        alive.SiloAddress = entry.SiloAddress;
        alive.IAmAliveTime = Start.AddMinutes(1);

        await table.UpdateIAmAliveAsync(alive);

        var after = await table.ReadRowAsync(entry.SiloAddress);
        Assert.Equal(Start.AddMinutes(1), after.Members[0].Item1.IAmAliveTime);
        Assert.Equal(before.Version.Version, after.Version.Version);
        entry.Status = SiloStatus.Active;
        Assert.True(await table.UpdateRowAsync(entry, before.Members[0].Item2, before.Version.Next()));
    }

    /// <summary>Of many writers at once each wins exactly once, and no row is lost.</summary>
    [RequiresFact]
    public async Task InsertRow_ManyAtOnce_AllArriveOneByOne()
    {
        var tables = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => OpenAsync()));

        await Task.WhenAll(
            tables.Select(table =>
                Task.Run(async () =>
                {
                    for (var i = 0; i < 5; i++)
                    {
                        var entry = Entry();
                        while (!await InsertAsync(table, entry))
                        {
                            await Task.Yield();
                        }
                    }
                })
            )
        );

        var all = await tables[0].ReadAllAsync();
        Assert.Equal(20, all.Members.Count);
        Assert.Equal(20, all.Version.Version);
    }

    /// <summary>Only rows of dead silos that are old are cleaned up.</summary>
    [RequiresFact]
    public async Task CleanupDefunctSiloEntries_OldDeadAndActive_RemovesTheDead()
    {
        var table = await OpenAsync();
        var dead = Entry();
        dead.Status = SiloStatus.Dead;
        var active = Entry();
        active.Status = SiloStatus.Active;
        await InsertAsync(table, dead);
        await InsertAsync(table, active);

        await table.CleanupDefunctSiloEntriesAsync(Start.AddDays(-1));
        Assert.Equal(2, (await table.ReadAllAsync()).Members.Count);
        await table.CleanupDefunctSiloEntriesAsync(Start.AddDays(1));

        Assert.Equal(active.SiloAddress, Assert.Single((await table.ReadAllAsync()).Members).Item1.SiloAddress);
    }

    /// <summary>Clusters that share a place do not meet.</summary>
    [RequiresFact]
    public async Task ReadAll_OtherClusterInTheSamePlace_IsNotSeen()
    {
        var table = await OpenAsync();
        await InsertAsync(table, Entry());
        var other = await OpenAsync(ClusterUri.Parse($"{Place}?cluster=other-{Guid.NewGuid():N}"));

        Assert.Empty((await other.ReadAllAsync()).Members);
    }

    private Task<IMembershipTable> OpenAsync() => OpenAsync(Uri);

    /// <summary>Opens the table of a cluster anew, as another silo does; by default the one that its provider registers.</summary>
    protected virtual async Task<IMembershipTable> OpenAsync(ClusterUri uri)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo => silo.UseAirCluster(uri, ClusterUri.OfFolder(Path.GetTempPath())));
        var host = builder.Build();
        lock (_hosts)
        {
            _hosts.Add(host);
        }

        var table = host.Services.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(tryInitTableVersion: true);
        return table;
    }

    private static async Task<bool> InsertAsync(IMembershipTable table, MembershipEntry entry) =>
        await table.InsertRowAsync(entry, (await table.ReadAllAsync()).Version.Next());

    private static MembershipEntry Entry() =>
        new()
        {
            SiloAddress = SiloAddress.New(IPAddress.Loopback, 1000 + Interlocked.Increment(ref _silos), 7),
            Status = SiloStatus.Joining,
            ProxyPort = 30_000,
            HostName = "host",
            SiloName = "name",
            RoleName = "role",
            StartTime = Start,
            IAmAliveTime = Start,
            SuspectTimes = [],
        };
}
