using System.Net;
using Air.Orleans.Core.Clustering.Membership;

namespace Air.Orleans.Core.Tests.Clustering;

public sealed class FileMembershipTableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("air-membership-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ReadAll_SilosOfAProcessThatIsGone_AreDead()
    {
        using (var earlier = Open())
        {
            await AddAsync(earlier, 1);
            await AddAsync(earlier, 2);
        }

        using var table = Open();
        var silo = await AddAsync(table, 3);

        var rows = (await table.ReadAll()).Members.ToDictionary(static row => row.Item1.SiloAddress);
        Assert.Equal(3, rows.Count);
        Assert.Equal(SiloStatus.Active, rows[silo].Item1.Status);
        Assert.Equal(2, rows.Values.Count(static row => row.Item1.Status == SiloStatus.Dead));
        Assert.Single(table.Read().Gateways);
    }

    [Fact]
    public async Task Read_SiloOfAnotherTableThatLives_StaysActive()
    {
        using var one = Open();
        await AddAsync(one, 1);
        using var other = Open();

        Assert.Equal(SiloStatus.Active, Assert.Single(other.Read().Rows.Values).Status);
        Assert.Single(Open().Peek().Gateways);
    }

    [Fact]
    public async Task Read_DamagedFile_SaysWhatToDo()
    {
        using var table = Open();
        await AddAsync(table, 1);
        var latest = Directory.GetFiles(_folder, "table-*.json").Max()!;
        await File.WriteAllTextAsync(
            latest,
            (await File.ReadAllTextAsync(latest)).Replace("30000", "30001", StringComparison.Ordinal)
        );

        using var next = Open();
        var error = Assert.Throws<AirException>(() => next.Read());

        Assert.Contains(latest, error.Message, StringComparison.Ordinal);
        Assert.Contains($"delete the folder '{_folder}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Change_ManyTimes_KeepsFewFiles()
    {
        using var table = Open();
        var silo = await AddAsync(table, 1);
        for (var i = 0; i < 100; i++)
        {
            await table.UpdateIAmAlive(
                new MembershipEntry { SiloAddress = silo, IAmAliveTime = DateTime.UnixEpoch.AddSeconds(i) }
            );
        }

        Assert.InRange(Directory.GetFiles(_folder).Length, 1, 20);
        Assert.Equal(
            DateTime.UnixEpoch.AddSeconds(99),
            (await table.ReadRow(silo)).Members.Single().Item1.IAmAliveTime
        );
    }

    [Fact]
    public async Task Change_ManyWritersAtOnce_NoneIsLost()
    {
        const int writers = 4;
        const int changes = 100;
        using var start = new Barrier(writers);

        await Task.WhenAll(
            Enumerable
                .Range(0, writers)
                .Select(_ =>
                    Task.Factory.StartNew(
                        () =>
                        {
                            var files = new MembershipFiles(_folder, TimeProvider.System);
                            start.SignalAndWait();
                            for (var i = 0; i < changes; i++)
                            {
                                Assert.True(files.Change(static book => book.Cleared()));
                            }
                        },
                        TaskCreationOptions.LongRunning
                    )
                )
        );

        Assert.Equal(writers * changes, new MembershipFiles(_folder, TimeProvider.System).Read().Changes);
    }

    private FileMembershipTable Open() => new(_folder, TimeProvider.System);

    private static async Task<SiloAddress> AddAsync(FileMembershipTable table, int port)
    {
        var entry = new MembershipEntry
        {
            SiloAddress = SiloAddress.New(IPAddress.Loopback, port, 1),
            Status = SiloStatus.Active,
            ProxyPort = 30000,
        };
        Assert.True(await table.InsertRow(entry, (await table.ReadAll()).Version.Next()));
        return entry.SiloAddress;
    }
}
